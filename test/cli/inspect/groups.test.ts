import { join } from 'node:path';
import { gzipSync, deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as rxjs from 'rxjs';
import * as operators from '../../../operators/index.js';
import { inspectInputs } from '../../../src/cli/inspect/inspectInputs.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeSequenceExample } from '../../../src/formats/example/encodeSequenceExample.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import * as millrace from '../../../src/index.js';
import type { NDArray } from '../../../src/arrays/ndarray.js';
import { temporaryFolders } from '../../agent/temporaryJob.js';

const folderOf = temporaryFolders();

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

/** Returns what the command prints, with the folder as `.`. */
async function inspect(folder: string, patterns: readonly string[], flags: { head?: number; json?: true } = {}) {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[name], 'write').mockImplementation(((text: string, done?: () => void) => {
      texts[name] += text;
      done?.();
      return true;
    }) as never);
  }
  const paths = patterns.map((pattern) => join(folder, pattern));
  const error = await inspectInputs(paths, { head: 0, quiet: true, ...flags }).catch((caught: unknown) => caught);
  jest.restoreAllMocks();
  const plain = (text: string) => text.replaceAll(`${folder}/`, './');
  return {
    stdout: plain(texts.stdout),
    stderr: plain(texts.stderr),
    code: texts.stdout,
    error: error as Error | undefined,
  };
}

/** Runs the proposed code with this package's sources. */
async function runCode(stdout: string): Promise<unknown[][]> {
  const modules: Readonly<Record<string, object>> = { millrace, 'millrace/operators': operators, rxjs };
  const code = stdout.slice(stdout.indexOf('import {'));
  const body = code.replaceAll(/^import (\{.*\}) from '(.*)';$/gm, "const $1 = modules['$2'];");
  // oxlint-disable-next-line typescript/no-implied-eval -- the command proposes this code to its user
  const open = new Function('modules', `'use strict'; ${body}; return batches$;`) as (
    from: typeof modules,
  ) => rxjs.Observable<NDArray[] | Record<string, NDArray>>;
  const batches = await rxjs.lastValueFrom(open(modules).pipe(rxjs.toArray()));
  const columns = batches.map((batch) => Object.values(batch).map(({ dtype, data }) => [dtype, ...data].map(String)));
  // A file begins a new table.
  const [first, ...others] = columns;
  if (!first || Array.isArray(batches[0])) return columns;
  return [first.map((column, at) => [...column, ...others.flatMap((other) => other[at]?.slice(1) ?? [])])];
}

const example = (features: Parameters<typeof encodeExample>[0]) => encodeTFRecord(encodeExample(features));
const label = { label: { int64List: [1] } };
const sequence = encodeTFRecord(encodeSequenceExample({ context: label, sequence: { s: [{ int64List: [1] }] } }));

describe('the groups of millrace inspect', () => {
  it('separates Examples, SequenceExamples and Examples with other features, and names the files of each', async () => {
    const many = Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`e${at}.tfrecord`, example(label)]));
    const other = example({ text: { bytesList: [Buffer.from('x')] } });
    const folder = folderOf({ ...many, 'f.tfrecord': sequence, 'g.tfrecord': other });
    const { stdout } = await inspect(folder, ['']);
    const groups = stdout.split('\n\n').map((group) => group.split('\n').slice(0, 3));
    expect(groups).toEqual([
      [
        'TFRecord of tf.train.Example',
        '5 records in 170 bytes of 5 files',
        'files: ./e0.tfrecord, ./e1.tfrecord, ./e2.tfrecord and 2 more',
      ],
      ['TFRecord of tf.train.SequenceExample', expect.stringMatching(/^1 record /), 'file: ./f.tfrecord'],
      ['TFRecord of tf.train.Example', expect.stringMatching(/^1 record /), 'file: ./g.tfrecord'],
    ]);
    const { stdout: json } = await inspect(folder, [''], { json: true });
    const [first] = json.split('\n').map((line) => JSON.parse(line || '{}') as Record<string, unknown>);
    const files = ['./e0.tfrecord', './e1.tfrecord', './e2.tfrecord'];
    expect(first).toMatchObject({ files: 5, firstFiles: files });
  });

  it('keeps files together that have a feature in common, and names the record that lacks the other', async () => {
    const folder = folderOf({
      a: example({ ...label, x: { int64List: [1] } }),
      b: example({ ...label, x: { int64List: [1] } }),
      c: example(label),
    });
    const { stdout } = await inspect(folder, ['']);
    expect(stdout).toContain('3 records in');
    expect(stdout).toContain('"x" is missing in 1 record, first in record 0 of ./c\n');
  });

  it('takes all records of a file that is held until its type is known', async () => {
    const folder = folderOf({ a: Buffer.concat(Array.from({ length: 40 }, () => example(label))), b: example(label) });
    const { stdout } = await inspect(folder, [''], { head: 41 });
    const shown = stdout.match(/^record \d+ of \.\/[ab]/gm);
    expect(shown).toEqual([...Array.from({ length: 40 }, (_, at) => `record ${at} of ./a`), 'record 0 of ./b']);
    expect(stdout).toContain('41 records in');
  });
});

describe('the errors of millrace inspect', () => {
  it('names the only file of a damaged record', async () => {
    const folder = folderOf({ 'a b.tfrecord': example(label).subarray(0, 20) });
    const { error } = await inspect(folder, ['a b.tfrecord']);
    expect(error?.message).toMatch(/^".*\/a b\.tfrecord": TFRecord: the input ends /);
  });

  it('names the only file of a damaged message, and not twice a file that is missing', async () => {
    const record = encodeExample({ label: { int64List: [1, 2, 3] } });
    const frames = [record, record.subarray(0, 9), record].map(encodeTFRecord);
    const folder = folderOf({ 'a.tfrecord': Buffer.concat(frames) });
    expect((await inspect(folder, ['a.tfrecord'])).error?.message).toMatch(
      /\/a\.tfrecord: tf\.train\.Example: .*record 1,/,
    );
    const { error } = await inspect(folder, ['none']);
    expect(error?.message).toMatch(/^Cannot read the file /);
  });

  it('names one of several files once, with the number of the record in that file', async () => {
    const record = encodeExample({ label: { int64List: [1, 2, 3] } });
    const bad = Buffer.concat([record, record.subarray(0, 9), record].map(encodeTFRecord));
    const folder = folderOf({ a: encodeTFRecord(record), b: bad });
    const { stderr, stdout } = await inspect(folder, ['a', 'b']);
    expect(stdout).toContain('3 of 4 records are tf.train.Example; record 1 of ./b is not');
    expect(stderr).toMatch(/^millrace: .*\/b: tf\.train\.Example: .*\(record 1, byte offset \d+\)\n$/);
  });
});

describe('the code that millrace inspect proposes', () => {
  const PARTS = { 'a.csv': 'id,w\n1,0.5\n2,0.25\n', 'b.csv': 'id,w\n3,0.5\n' };
  const ALL = [
    [
      ['int32', '1', '2', '3'],
      ['float32', '0.5', '0.25', '0.5'],
    ],
  ];

  it('reads several files with headers as it is', async () => {
    const { stdout, code } = await inspect(folderOf(PARTS), ['a.csv', 'b.csv']);
    expect(stdout).toContain('recordFormat: decodeTable({\n');
    expect(await runCode(code)).toEqual(ALL);
  });

  it('reads many files by the pattern that the user wrote', async () => {
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`${at}.csv`, `id,w\n${at},0.5\n`]));
    const { stdout, code } = await inspect(folderOf(files), ['*.csv']);
    expect(stdout).toContain("recordsFromFiles('./*.csv', {\n");
    expect(await runCode(code)).toEqual([
      [
        ['int32', ...Array.from({ length: 9 }, (_, at) => String(at))],
        ['float32', ...Array.from({ length: 9 }, () => '0.5')],
      ],
    ]);
  });

  it.each([
    ['a delimiter', { x: 'id;w\n1;0.5\n2;0.25\n3;0.5\n' }],
    ['blank lines', { x: 'id,w\n1,0.5\n\n2,0.25\n3,0.5\n\n' }],
    ['blank lines above a header', { x: '\n\nid,w\n1,0.5\n\n2,0.25\n3,0.5\n' }],
    ['blank lines above the header of one of two files', { x: 'id,w\n1,0.5\n2,0.25\n', y: '\n\nid,w\n3,0.5\n' }],
    ['blank lines above both headers', { x: '\nid,w\n1,0.5\n2,0.25\n', y: '\nid,w\n3,0.5\n' }],
    ['lines that end in CRLF', { x: '\r\nid,w\r\n1,0.5\r\n2,0.25\r\n3,0.5\r\n' }],
    ['a byte order mark and blank lines above a header', { x: '\ufeff\n\nid,w\n1,0.5\n2,0.25\n3,0.5\n' }],
    [
      'a byte order mark and blank lines above one of two headers',
      { x: 'id,w\n1,0.5\n2,0.25\n', y: '\ufeff\nid,w\n3,0.5\n' },
    ],
    ['a byte order mark above a header', { x: '\ufeffid,w\n1,0.5\n2,0.25\n3,0.5\n' }],
    ['a byte order mark without a header', { x: '\ufeff1,0.5\n2,0.25\n3,0.5\n' }],
    ['a byte order mark before a blank line', { x: '\ufeff\n1,0.5\n2,0.25\n3,0.5\n' }],
    ['a byte order mark in one of two files', { x: '1,0.5\n2,0.25\n', y: '\ufeff3,0.5\n' }],
    ['no header', { x: '1,0.5\n2,0.25\n3,0.5\n' }],
    [
      'gzip that its name tells',
      { 'x.gz': gzipSync(Object.values(PARTS).join('').replace('2,0.25\nid,w\n', '2,0.25\n')) },
    ],
    ['gzip that its name does not tell', { x: gzipSync('1,0.5\n2,0.25\n3,0.5\n') }],
    ['plain text that its name calls gzip', { 'x.gz': '1,0.5\n2,0.25\n3,0.5\n' }],
    ['gzip that its name calls brotli', { 'x.br': gzipSync('1,0.5\n2,0.25\n3,0.5\n') }],
    ['zlib', { x: deflateSync('id,w\n1,0.5\n2,0.25\n3,0.5\n') }],
  ])('reads %s as it is', async (_, files) => {
    const { code } = await inspect(folderOf(files), Object.keys(files));
    expect(await runCode(code)).toEqual(ALL);
  });

  it('leaves out the lines above the headers of two files with different blank lines', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => `${at},0.5`).join('\n');
    const files = { x: `title\nof x\n\nid,w\n${rows}`, y: `title\nof y\nid,w\n${rows}` };
    const { code, stdout } = await inspect(folderOf(files), ['x', 'y']);
    expect(stdout).toContain('4 lines before the header, skipped by skip(3)\n');
    const batches = await runCode(code);
    expect(batches.flatMap(([ids]) => (ids as string[]).slice(1))).toHaveLength(80);
  });

  it('is not there if the files have different numbers of lines above their headers', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => `${at},0.5`).join('\n');
    const files = { x: `title\nof x\n\nid,w\n${rows}`, y: `title\nid,w\n${rows}` };
    const { stdout } = await inspect(folderOf(files), ['x', 'y']);
    expect(stdout).toMatch(/lines before the header, so no code reads all of them: see line 2 of \S*\/y\. Remove/);
    expect(stdout).not.toContain('import {');
    expect(stdout).toContain('for decodeCsv:\n["int32","float32"]\n');
  });

  it('leaves the byte order mark out of text', async () => {
    const { code } = await inspect(folderOf({ x: '\ufefffoo,1\nbar,2\n' }), ['x']);
    expect(await runCode(code)).toEqual([
      [
        ['bytes', Array.from(Buffer.from('foo')).join(), Array.from(Buffer.from('bar')).join()],
        ['int32', '1', '2'],
      ],
    ]);
  });

  it.each([
    [
      'columns in another order',
      { x: 'id,w\n1,0.5\n2,0.25\n', y: 'w,id\n0.5,3\n' },
      [
        ['int32', '1', '2', '3'],
        ['float32', '0.5', '0.25', '0.5'],
      ],
    ],
    [
      'a file of texts below a header',
      { x: 'a,b\nx,y\n' },
      [
        ['bytes', '120'],
        ['bytes', '121'],
      ],
    ],
    [
      'missing numbers',
      { x: 'id,w\n1,0.5\n2,\n' },
      [
        ['int32', '1', '2'],
        ['float32', '0.5', 'NaN'],
      ],
    ],
    [
      'unusual names',
      { x: `,it's "x"\n1,true\n`.replace('"x"', '\\') },
      [
        ['int32', '1'],
        ['bool', '1'],
      ],
    ],
    [
      'the name __proto__',
      { x: '__proto__,w\n1,0.5\n' },
      [
        ['float32', '0.5'],
        ['int32', '1'],
      ],
    ],
  ])('reads %s', async (_, files, columns) => {
    const { code } = await inspect(folderOf(files), Object.keys(files));
    expect(await runCode(code)).toEqual([columns]);
  });

  it('is plain', async () => {
    const { stdout } = await inspect(folderOf({ 'x.csv': 'id;w;the name\n1;0.5;a\n2;;b\n' }), ['x.csv']);
    expect(stdout).toContain(`import { recordsFromFiles } from 'millrace';
import { decodeTable } from 'millrace/operators';

const batches$ = recordsFromFiles('./x.csv', {
  recordFormat: decodeTable({
    batchSize: 64,
    delimiter: ';',
    columns: {
      id: 'int32',
      w: { dtype: 'float32', default: NaN },
      'the name': 'string',
    },
  }),
});
`);
  });

  it('is also in the object of --json', async () => {
    const { code } = await inspect(folderOf({ x: 'id;w\n1;0.5\n2;\n' }), ['x'], { json: true });
    const { decoder, features, options } = JSON.parse(code) as Record<string, object>;
    expect({ decoder, features, options }).toEqual({
      decoder: 'decodeTable',
      features: { id: 'int32', w: { dtype: 'float32', default: 'nan' } },
      options: { delimiter: ';' },
    });
  });

  it('keeps the leading zeros of codes', async () => {
    const { code } = await inspect(folderOf({ x: 'zip,n\n00501,1\n94103,2\n' }), ['x']);
    const [zips] = (await runCode(code)).flat();
    expect(zips).toEqual(['bytes', Array.from(Buffer.from('00501')).join(), Array.from(Buffer.from('94103')).join()]);
  });

  it('fails on the odd line that the report names, and names the column', async () => {
    const rows = Array.from({ length: 501 }, (_, at) => `${at},${at === 310 ? '0.5x' : '0.5'}`);
    const { code, stdout } = await inspect(folderOf({ x: `id,price\n${rows.join('\n')}` }), ['x']);
    expect(stdout).toContain('column "price": 500 of 501 values are numbers; line 312 is "0.5x"\n');
    await expect(runCode(code)).rejects.toThrow(/x .*line 312.*price.*"0.5x"/);
  });
});
