import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { recordFilesOf, writeItems, type RecordOutputFlags } from '../../src/cli/recordOutput.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const records = ['a', 'bc', 'd'].map((text) => Buffer.from(text));
const { signal } = new AbortController();

async function written(name: string, items: readonly unknown[], flags: RecordOutputFlags = {}): Promise<Buffer[]> {
  const folder = newFolder();
  await writeItems(fromIterable(items), { ...flags, to: join(folder, name), signal });
  const names = readdirSync(folder).filter((each) => !each.endsWith('.manifest.json'));
  return names.map((each) => readFileSync(join(folder, each)));
}

describe('recordFilesOf', () => {
  it.each(['part-{shard}.jsonl', 'a.jsonl.gz', 's3://b/a', 'a.tfrecord', 'a.TFRecords', 'a.rec', 'a.recordio'])(
    'takes %s for files of records',
    (to) => expect(recordFilesOf(to, {})).toBe(to),
  );

  it.each([undefined, '-', 'a.jsonl', 'out/a', '/dev/stdout'])('takes %s for lines of JSON', (to) => {
    expect(recordFilesOf(to, {})).toBeUndefined();
  });

  it('takes any file for one of records if there are options for them, and refuses them without a file', () => {
    expect(recordFilesOf('a.jsonl', { overwrite: true })).toBe('a.jsonl');
    expect(() => recordFilesOf('', {})).toThrow("--to: expected the path of a file, found ''");
    expect(() => recordFilesOf('s3:/b/a.jsonl', {})).toThrow(
      '--to: expected a path or a URL, found "s3:/b/a.jsonl": write s3:// for a URL, or ./s3: for a path',
    );
    for (const to of [undefined, '-']) {
      expect(() => recordFilesOf(to, { bytesPerFile: 3 })).toThrow(/^--bytes-per-file needs output files: add --to '/);
    }
  });
});

describe('writeItems', () => {
  it.each([{ overwrite: true }, { resume: true }, {}])('refuses to replace a FIFO with %j', async (flags) => {
    const folder = newFolder();
    const to = join(folder, 'fifo.gz');
    execFileSync('mkfifo', [to]);
    const written = writeItems(fromIterable(records), { ...flags, to, signal });
    await expect(written).rejects.toMatchObject({ name: 'ConfigError', path: 'to' });
    await expect(written).rejects.toThrow(`--to ${to}: expected a new or a regular file, found a FIFO`);
    expect([readdirSync(folder), statSync(to).isFIFO()]).toEqual([['fifo.gz'], true]);
  });

  it('writes bytes in the format of the name', async () => {
    const [first, second] = await written('part-{shard}.tfrecord', records, { recordsPerFile: 2 });
    expect(Buffer.concat([first!, second!]).equals(Buffer.concat(records.map(encodeTFRecord)))).toBe(true);
    const [zipped] = await written('a.rec.gz', records);
    expect(gunzipSync(zipped!).equals(Buffer.concat(records.map((record) => encodeRecordIO(record))))).toBe(true);
  });

  it('writes lines of JSON to other names', async () => {
    const [first, second] = await written('{shard}.jsonl', [{ x: 5n }, records[0]], { recordsPerFile: 1 });
    expect([first?.toString(), second?.toString()]).toEqual(['{"x":"5"}\n', '"YQ=="\n']);
  });

  it('refuses items that are not bytes for a format of records', async () => {
    await expect(written('a.tfrecord', [{ x: 1 }])).rejects.toThrow(
      /^--to .*a\.tfrecord: record 0: expected bytes for TFRecord, found an object\. Remove the stages that parse/,
    );
  });

  it('names the options of the command line in errors', async () => {
    const to = join(newFolder(), 'a.tfrecord');
    const write = (flags: RecordOutputFlags) => writeItems(fromIterable(records), { ...flags, to, signal });
    await expect(write({ recordsPerFile: 2 })).rejects.toThrow(/because --records-per-file can make several files/);
    await write({});
    await expect(write({})).rejects.toThrow(
      /^--to .*: files of another run exist: .*\. Set --resume to continue .*, or --overwrite to replace its files\.$/,
    );
    await write({ overwrite: true });
  });
});
