import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listItems, type ItemPart } from '../../../src/agent/data/listItems.js';
import { trainingJobSchema } from '../../../src/agent/job/trainingJobRequest.js';
import { augmentedChannel, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

function read(root: string, attributes: readonly string[], manifestRoot?: string) {
  const job = trainingJobSchema().parse({ InputDataConfig: [augmentedChannel('train', 'm/lines', attributes)] });
  return listItems(job.InputDataConfig[0]!, {
    relativeTo: root,
    s3Map: [],
    stores: [],
    configPath: 'InputDataConfig[0]',
    manifestRoot,
  });
}

const readLines = (text: string | Uint8Array, attributes: readonly string[]) =>
  read(folder({ 'm/lines': text, 'm/a.png': '123' }), attributes);

const shown = (part: ItemPart) => (part instanceof Uint8Array ? String(part) : part.path);

describe('readAugmentedManifest', () => {
  it('returns the requested attributes only, in the requested order', async () => {
    const line = { author: 'Herman Melville', line: 'Call me Ishmael', book: 'Moby Dick' };
    const items = await readLines(`${JSON.stringify(line)}\n`, ['book', 'line']);
    expect(items.map((item) => item.map(shown))).toEqual([['Moby Dick', 'Call me Ishmael']]);
  });

  it('returns strings as their value, and other values as their JSON', async () => {
    const text = String.raw`{"s": "q\"ü\n", "n": 1.0, "l": [1, "a"], "o": {"b": {"c": null}}, "t": true, "z": null, "e": ""}`;
    const [item] = await readLines(text, ['s', 'n', 'l', 'o', 't', 'z', 'e']);
    expect(item!.map(shown)).toEqual(['q"ü\n', '1.0', '[1, "a"]', '{"b": {"c": null}}', 'true', 'null', '']);
  });

  it('finds a name with an escape after lines whose names contain backslashes', async () => {
    // After such lines, JSON.parse of Node 24 and 26 reads the name of a quotation mark as a backslash.
    const before = Array.from({ length: 10 }, () => String.raw`{"id": 5, "\\": 1}`);
    for (const line of before) await readLines(line, ['\\']);
    const items = await readLines(String.raw`{"id": 5, "\"": 3}`, ['"']);
    expect(items.map((item) => item.map(shown))).toEqual([['3']]);
  });

  it('finds the object of a -ref by a path relative to the manifest or a file:// URL', async () => {
    const root = folder({ 'm/images/a.png': '123', 'm/b': '4' });
    const refs = ['images/a.png', './b', join(root, 'm/b'), pathToFileURL(join(root, 'm/b')).href];
    const lines = refs.map((ref) => JSON.stringify({ 'image-ref': ref })).join('\n');
    writeFileSync(join(root, 'm/lines'), lines);
    const items = await read(root, ['image-ref']);
    expect(items.map((item) => item.map(shown))).toEqual([
      [join(root, 'm/images/a.png')],
      ...Array.from({ length: 3 }, () => [join(root, 'm/b')]),
    ]);
  });

  it('skips blank lines, and accepts Windows line endings', async () => {
    const items = await readLines('{"a": "1"}\r\n\r\n \n{"a": "2\u2028"}\n\n', ['a']);
    expect(items.map((item) => item.map(shown))).toEqual([['1'], ['2\u2028']]);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    [
      'a line that lacks one',
      '{"a": 1}\n{"b": 1, "c": 2}',
      /line 2: attribute "a": the attribute is missing; the line has b, c$/,
    ],
    ['an inherited name', '{}', /line 1: attribute "a": the attribute is missing; the line has no attributes$/],
    [
      'a line that is no JSON',
      '{"a": 1}\n\n{"a": }',
      /line 3: the line is not JSON: column 7: expected a value, found "}"$/,
    ],
    ['a line that is no object', '[1]', /line 1: the line is not a JSON object$/],
    ['a line that is null', 'null', /line 1: the line is not a JSON object$/],
    ['a line that is no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /line 1: the line is not UTF-8$/],
    ['nothing', '\n', /manifest .*lines has no lines, or only blank lines$/],
  ])('refuses %s', async (_, text, message) => {
    const reading = readLines(text, ['a']);
    await expect(reading).rejects.toThrow(new RegExp(message.source.replace(/\$$/, String.raw` \(InputDataConfig`)));
    await expect(reading).rejects.toThrow(/^channel "train": /);
    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });

  it.each<[string, unknown, RegExp]>([
    ['is no path', 7, /expected the path of an object/],
    ['is in S3', 's3://bucket/a.png', /s3:\/\/bucket\/a\.png is in S3.*--map s3:\/\/bucket\/a\.png=<folder>/],
    ['is not there', 'gone.png', /cannot read .*gone\.png: it does not exist/],
    ['leads out', '../secret', /m\/\.\.|secret is outside of the folder/],
    ['is a file:// URL that leads out', 'file:///proc/version', /\/proc\/version is outside of the folder/],
    ['is a device', '/dev/zero', /\/dev\/zero is outside of the folder/],
    ['is elsewhere', '/proc/version', /\/proc\/version is outside of the folder/],
    ['is a link that leads out', 'link', /link is outside of the folder .*: its real path is \/proc\/version/],
    ['is a folder', '.', /is not a regular file/],
  ])('refuses a reference that %s', async (_, ref, message) => {
    const lines = `${JSON.stringify({ 'a-ref': 'a.png' })}\n${JSON.stringify({ 'a-ref': ref })}`;
    const root = folder({ 'm/lines': lines, 'm/a.png': '1', secret: '2' });
    symlinkSync('/proc/version', join(root, 'm/link'));
    const reading = read(root, ['a-ref']);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/lines, line 2: attribute "a-ref": /);
  });

  it('allows objects in the whole manifestRoot', async () => {
    const root = folder({ 'm/lines': '{"a-ref": "../images/1"}', 'images/1': '1' });
    await expect(read(root, ['a-ref'])).rejects.toThrow('is outside of the folder');
    expect(await read(root, ['a-ref'], root)).toHaveLength(1);
  });

  it('rejects an object that is too large for a RecordIO record', async () => {
    const root = folder({ 'm/lines': '{"a-ref": "large"}', 'm/large': '' });
    truncateSync(join(root, 'm/large'), 2 ** 29);
    await expect(read(root, ['a-ref'])).rejects.toThrow(/large is too long.* 536870911 bytes/);
  });
});
