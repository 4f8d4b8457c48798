import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { encodeExample } from '../../../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../../../src/formats/tfrecord/encodeTFRecord.js';
import type { FeatureFacts } from '../../../../src/page/data/dataFacts.js';
import { temporaryFolders } from '../../../agent/temporaryJob.js';
import { parquetBytes } from '../../../pipeline/parquet/support/parquetFiles.js';
import { runMillrace } from '../../runMillrace.js';

interface PageData {
  readonly names: readonly string[];
  readonly records: readonly number[];
  readonly features: readonly FeatureFacts[];
  readonly classes?: { readonly feature: string; readonly classes: unknown };
}

const folderOf = temporaryFolders();

function groupsOf(html: string): PageData[] {
  const [, json = ''] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(html) ?? [];
  return JSON.parse(json) as PageData[];
}

async function inspect(folder: string, ...args: string[]) {
  const { exitCode, stderr, stdout } = await runMillrace(['inspect', ...args, '--page', 'page.html'], { cwd: folder });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const html = readFileSync(join(folder, 'page.html'), 'utf8');
  return { html, stdout, groups: groupsOf(html) };
}

const tfRecords = (examples: Parameters<typeof encodeExample>[0][]): Uint8Array =>
  Buffer.concat(examples.map((example) => encodeTFRecord(encodeExample(example))));
const utf8 = (text: string): Uint8Array => Buffer.from(text);

const HOSTILE = '</script><img src=x onerror=alert(1)>';

describe('millrace inspect --page', () => {
  it('has the missing values, extremes, mean, lengths and frequent values of Examples', async () => {
    const data = tfRecords(
      Array.from({ length: 40 }, (_, at) => ({
        label: { int64List: [at % 4] },
        ...(at % 2 === 0 && { weights: { floatList: [0.5, at] } }),
        word: { bytesList: [utf8('ab'.repeat(1 + (at % 2)))] },
      })),
    );
    const { groups } = await inspect(folderOf({ 'a.tfrecord': data }), 'a.tfrecord');
    const [label, weights, word] = ['label', 'weights', 'word'].map((name) =>
      groups[0]?.features.find(({ n }) => n === name),
    );
    expect(label?.f[0]).toMatchObject({ m: 0, min: 0, max: 3, mean: 1.5, u: 4 });
    expect(label?.v).toEqual([
      ['0', 10],
      ['1', 10],
      ['2', 10],
      ['3', 10],
    ]);
    expect(weights?.f[0]).toMatchObject({ m: 20, min: 0, max: 38, mean: 9.75, cnt: [2, 2, 2] });
    expect(word?.f[0]).toMatchObject({ m: 0, u: 2, len: [2, 3, 4] });
    expect(groups[0]?.classes?.feature).toBe('label');
  });

  it('tells integers apart that are equal as numbers', async () => {
    const lines = Array.from({ length: 20 }, (_, at) => `1234567890123456789${at % 2}`);
    const { groups } = await inspect(folderOf({ 'a.csv': ['id', ...lines].join('\n') }), 'a.csv');
    expect(groups[0]?.features[0]?.v).toEqual([
      ['12345678901234567890', 10],
      ['12345678901234567891', 10],
    ]);
  });

  it('has the columns of CSV without the header, and keeps codes with leading zeros as texts', async () => {
    const lines = Array.from({ length: 20 }, (_, at) => `${at % 5 === 0 ? '' : at},0${at % 2}`);
    const { groups } = await inspect(folderOf({ 'a.csv': ['x,code', ...lines].join('\n') }), 'a.csv');
    const [x, code] = groups[0]?.features ?? [];
    expect(groups[0]?.records).toEqual([20]);
    expect(x).toMatchObject({ n: 'x', t: 'int32', f: [{ m: 4, min: 1, max: 19 }] });
    expect(code).toMatchObject({
      n: 'code',
      t: 'string (text)',
      v: [
        ['00', 10],
        ['01', 10],
      ],
    });
  });

  it('has the fields of JSON, with dots in the names of inner fields', async () => {
    const lines = [1, 2, 3].map((x) => JSON.stringify({ box: { size: x }, tags: ['a', 'b'], none: null }));
    const { groups } = await inspect(folderOf({ 'a.jsonl': lines.join('\n') }), 'a.jsonl');
    expect(groups[0]?.features).toMatchObject([
      { n: 'box.size', f: [{ m: 0, mean: 2 }] },
      {
        n: 'tags',
        f: [{ m: 0, cnt: [2, 2, 2] }],
        v: [
          ['a', 3],
          ['b', 3],
        ],
      },
      { n: 'none', f: [{ m: 3 }] },
    ]);
  });

  it('names the files of each format, and counts with separators', async () => {
    const files = {
      'a.csv': `x,y\n${'1,2\n'.repeat(1234)}`,
      'b.csv': 'x,y\n1,2\n',
      'c.jsonl': '{"a":1}\n{"a":2}\n',
    };
    const { html, groups } = await inspect(folderOf(files), ...Object.keys(files));
    expect(html).toContain('<h1>a.csv and 2 more</h1>');
    expect(groups.map(({ names }) => names)).toEqual([['a.csv and 1 more'], ['c.jsonl']]);
    expect(html).toContain('1,235 records in 4,948 bytes of 2 files');
    expect(html).toContain('Features for decodeJson, c.jsonl');
  });

  it.each([
    [{ a: [1, 2, 3], s: ['x', 'y', 'x'] }, { a: [], s: [] }, [1, 0, 'presence']],
    [{ a: [], s: [] }, { a: [], s: [] }, [0, 0, 'missing']],
    [
      { a: [1, 2, 3], s: ['x', 'y', 'x'] },
      { a: [null, null, null], s: [null, null, null] },
      [1, expect.any(Number), 'missing'],
    ],
  ])('has only numbers if a data set has no records or no values: %j', async ({ a, s }, other, distance) => {
    const [one, two] = [{ a, s }, other].map((data) =>
      parquetBytes([
        { name: 'a', data: data.a, type: 'INT32', nullable: true },
        { name: 's', data: data.s, type: 'STRING', nullable: true },
      ]),
    );
    const { groups } = await inspect(
      folderOf({ 'a.parquet': one!, 'b.parquet': two! }),
      'a.parquet',
      '--against',
      'b.parquet',
    );
    const features = groups[0]?.features ?? [];
    expect(features.map(({ d }) => d)).toEqual([distance, distance]);
    expect(JSON.stringify(features)).not.toContain('null');
    if (a.length > 0) expect(features.find(({ n }) => n === 'a')?.h[0]?.c[0]).toEqual([100, 100, 100]);
  });

  it('has no NaN and no infinity of a column of text', async () => {
    const { groups } = await inspect(
      folderOf({ 'a.csv': `x,t\n1,a\n${'NaN,inf\ninf,b\n1,NaN\n'.repeat(9)}` }),
      'a.csv',
    );
    const [x, t] = groups[0]?.features ?? [];
    expect([x?.f[0], t?.f[0]]).toMatchObject([{ nan: 9, inf: 9 }, { u: 4 }]);
    expect(t?.f[0]).not.toHaveProperty('inf');
    expect(t?.f[0]).not.toHaveProperty('nan');
  });

  it.each(['nope', 'id'])('is there if the label %s has no classes, which is an error', async (label) => {
    const folder = folderOf({ 'a.csv': 'id,name\n1,x\n2,x\n3,y\n' });
    const args = ['inspect', 'a.csv', '--page', 'page.html', '--label', label];
    const { exitCode, stderr } = await runMillrace(args, { cwd: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`--label ${label}: no feature has this name`);
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('3 records in 20 bytes');
  });

  it('does not replace an input', async () => {
    const folder = folderOf({ 'page.html': 'text' });
    for (const inputs of [['.'], ['a.csv', '--against', 'page.html']]) {
      const args = ['inspect', ...inputs, '--page', './page.html'];
      const { exitCode, stderr } = await runMillrace(args, { cwd: folder });
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--page ./page.html: this file is an input')]);
      expect(readFileSync(join(folder, 'page.html'), 'utf8')).toBe('text');
    }
  });

  it('names standard input', async () => {
    const folder = folderOf({});
    const input = Buffer.from('x,y\n1,2\n3,4\n');
    await runMillrace(['inspect', '-', '--page', 'page.html'], { cwd: folder, input });
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('<h1>standard input</h1>');
  });

  it('says that there is no data', async () => {
    const folder = folderOf({ 'a.parquet': Buffer.from('no') });
    await runMillrace(['inspect', 'a.parquet', '--page', 'page.html'], { cwd: folder });
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('<p>No data.</p>');
  });

  it('reads the rows of Parquet, and counts nulls as missing', async () => {
    const file = parquetBytes([
      { name: 'n', data: [1, null, 3], type: 'INT32', nullable: true },
      { name: 's', data: ['a', null, ''], type: 'STRING', nullable: true },
    ]);
    const { groups } = await inspect(folderOf({ 'a.parquet': file }), 'a.parquet');
    expect(groups[0]?.features).toMatchObject([
      { n: 'n', t: 'int32', f: [{ m: 1, min: 1, max: 3, mean: 2 }] },
      { n: 's', f: [{ m: 1, u: 2 }] },
    ]);
  });

  it('compares two inputs, and names the feature first that differs the most', async () => {
    const csv = (shift: number): string =>
      ['same,moved', ...Array.from({ length: 300 }, (_, at) => `${at}.5,${at + shift}.5`)].join('\n');
    const folder = folderOf({ 'train.csv': csv(0), 'val.csv': csv(90) });
    const { groups, stdout } = await inspect(folder, 'train.csv', '--against', 'val.csv');
    expect(groups[0]?.names).toEqual(['train.csv', 'val.csv']);
    expect(groups[0]?.features.map(({ n, d }) => [n, d?.[0]])).toEqual([
      ['moved', expect.closeTo(0.3)],
      ['same', 0],
    ]);
    expect(stdout).toContain("recordsFromFiles('train.csv'");
  });

  it('has thumbnails of images, which differ from the files', async () => {
    const png = await sharp({ create: { width: 500, height: 300, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const data = tfRecords(Array.from({ length: 3 }, () => ({ photo: { bytesList: [png] } })));
    const { html, groups } = await inspect(folderOf({ 'a.tfrecord': data }), 'a.tfrecord');
    const [, url = ''] = /<img src="data:image\/webp;base64,([^"]+)"/.exec(html) ?? [];
    const { width, height } = await sharp(Buffer.from(url, 'base64')).metadata();
    expect({ width, height }).toEqual({ width: 128, height: 77 });
    expect(html).toContain(`photo: 500 × 300, ${png.length.toLocaleString('en')} bytes`);
    expect(groups[0]?.features[0]?.t).toBe('bytes (image)');
  });

  it('escapes hostile names and values', async () => {
    const data = tfRecords([
      { [HOSTILE]: { bytesList: [utf8(HOSTILE)] } },
      { [HOSTILE]: { bytesList: [utf8(HOSTILE)] } },
    ]);
    const { html, groups } = await inspect(folderOf({ 'a.tfrecord': data }), 'a.tfrecord');
    expect(html).not.toContain('<img');
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(groups[0]?.features[0]).toMatchObject({ n: HOSTILE, v: [[HOSTILE, 2]] });
  });

  it('uses the same random part of the records in each run with --sample, and the first with --limit', async () => {
    const folder = folderOf({ 'a.csv': ['x,y', ...Array.from({ length: 1000 }, (_, at) => `${at},1`)].join('\n') });
    const sample = async () => (await inspect(folder, 'a.csv', '--sample', '0.1')).groups[0];
    const [first, second] = [await sample(), await sample()];
    expect(first).toEqual(second);
    expect(first?.records[0]).toBeGreaterThan(60);
    expect(first?.records[0]).toBeLessThan(140);
    expect((await inspect(folder, 'a.csv', '--limit', '11')).groups[0]?.features[0]?.f[0]).toMatchObject({ max: 9 });
  });

  it('rejects options of the page without a page, and a page that cannot be written', async () => {
    const folder = folderOf({ 'a.csv': 'x,y\n1,2\n' });
    const run = async (...args: string[]) => (await runMillrace(['inspect', 'a.csv', ...args], { cwd: folder })).stderr;
    expect(await run('--against', 'a.csv')).toContain('--against needs a page: add --page data.html');
    expect(await run('--sample', '2')).toContain('greater than 0, and up to 1');
    expect(await run('--page', 'none/page.html')).toContain('Expected a file .html in an existing folder.');
  });

  it('is smaller than 5 MB with 10,000 features', async () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `feature ${at}`);
    const line = (row: number): string => names.map((_, at) => (at * 7919 + row * 104_729) % 1009).join(',');
    const lines = [names.join(','), ...Array.from({ length: 30 }, (_, row) => line(row))];
    const folder = folderOf({ 'a.csv': lines.join('\n'), 'b.csv': lines.join('\n') });
    const { html, groups } = await inspect(folder, 'a.csv', '--against', 'b.csv', '--head', '0');
    expect(groups[0]?.features).toHaveLength(10_000);
    expect(html.length).toBeLessThan(5e6);
  });
});
