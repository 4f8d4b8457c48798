import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { concat, map, throwError } from 'rxjs';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import type { Manifest } from '../../src/sinks/manifest.js';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { all, contentOf, countedSource, interrupted, numberedRecords, TF_RECORDS } from './support/numbered.js';

const newFolder = temporaryFolders();
const records = numberedRecords(25);

describe('writeRecords and the files of another run', () => {
  it('refuses them, and says how to go on', async () => {
    const folder = newFolder();
    const pattern = join(folder, 'part-{shard}.tfrecord');
    await writeRecords(fromIterable(records), pattern, TF_RECORDS);
    const before = contentOf(folder);
    await expect(writeRecords(fromIterable(records), pattern, TF_RECORDS)).rejects.toThrow(
      /files of another run exist: .*part-00000\.tfrecord and 2 more\. Set resume: true .* or overwrite: true/,
    );
    rmSync(join(folder, 'part.tfrecord.manifest.json'));
    await expect(writeRecords(fromIterable(records), pattern, { ...TF_RECORDS, resume: true })).rejects.toThrow(
      /Set overwrite: true to replace these files\. The files have no manifest/,
    );
    expect({ ...before, ...contentOf(folder) }).toEqual(before);
  });

  it.each([{ resume: true }, { overwrite: true }, {}])(
    'refuses another pattern whose manifest has the same name: %j',
    async (how) => {
      const folder = newFolder();
      await writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), TF_RECORDS);
      const before = contentOf(folder);
      const pattern = join(folder, 'part_{shard}.tfrecord');
      await expect(writeRecords(fromIterable(records), pattern, { ...TF_RECORDS, ...how })).rejects.toThrow(
        /^writeRecords: pattern: .*part\.tfrecord\.manifest\.json belongs to a run that wrote .*part-\{shard\}\.tfrecord, found .*part_\{shard\}/,
      );
      expect(contentOf(folder)).toEqual(before);
    },
  );

  it('replaces a damaged manifest with overwrite', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'part.tfrecord.manifest.json'), '{');
    const options = { ...TF_RECORDS, overwrite: true };
    const manifest = await writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), options);
    expect(manifest.records).toBe(25);
  });

  it.each([{}, { overwrite: true }, { resume: true }])(
    'refuses a file of others at the path of the manifest: %j',
    async (how) => {
      const folder = newFolder();
      const path = join(folder, 'part.tfrecord.manifest.json');
      writeFileSync(path, '{"hello":1}');
      const run = writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), { ...TF_RECORDS, ...how });
      await expect(run).rejects.toThrow(
        /part\.tfrecord\.manifest\.json is not a manifest of writeRecords, .* Use a different name/,
      );
      expect(readFileSync(path, 'utf8')).toBe('{"hello":1}');
    },
  );

  it('replaces them with overwrite, and removes those that are too many', async () => {
    const folder = newFolder();
    const pattern = join(folder, 'part-{shard}.tfrecord');
    await writeRecords(fromIterable(records), pattern, TF_RECORDS);
    writeFileSync(join(folder, 'part-1.tfrecord'), 'the name of no shard');
    await writeRecords(fromIterable(records.slice(0, 3)), pattern, { ...TF_RECORDS, overwrite: true });
    const { 'part-00000.tfrecord': file, ...others } = contentOf(folder);
    expect(file).toBe(Buffer.concat(records.slice(0, 3).map(encodeTFRecord)).toString('latin1'));
    expect(Object.keys(others)).toEqual(['part-1.tfrecord', 'part.tfrecord.manifest.json']);
  });

  it.each(['part-00001.tfrecord', 'part.tfrecord.manifest.json'])(
    'does not replace %s if another run has written it since the start',
    async (name) => {
      const folder = newFolder();
      const path = join(folder, name);
      const source$ = fromIterable(records).pipe(
        map((record, index) => {
          if (index === 15) writeFileSync(path, 'other');
          return record;
        }),
      );
      const options = { ...TF_RECORDS, recordsPerFile: name.includes('manifest') ? 20 : 10 };
      await expect(writeRecords(source$, join(folder, 'part-{shard}.tfrecord'), options)).rejects.toMatchObject({
        ...{ code: 'ERR_CHANNEL_IO', errno: 'EEXIST', path },
      });
      expect(readFileSync(path, 'utf8')).toBe('other');
      expect(readdirSync(folder).filter((each) => each.startsWith('.'))).toEqual([]);
    },
  );

  it('keeps those that no new file has replaced if a run with overwrite fails', async () => {
    const folder = newFolder();
    await writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), TF_RECORDS);
    const before = Object.keys(contentOf(folder));
    await interrupted(folder, 15, { overwrite: true });
    expect(Object.keys(contentOf(folder))).toEqual(before);
  });

  it('keeps them with overwrite if the first file fails', async () => {
    const folder = newFolder();
    await writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), TF_RECORDS);
    const before = contentOf(folder);
    await interrupted(folder, 9, { overwrite: true });
    expect(contentOf(folder)).toEqual(before);
  });

  it('removes unfinished files of its own pattern alone', async () => {
    const folder = newFolder();
    const hex = '0123456789abcdef';
    const ours = [`.part-00007.tfrecord.${hex}.millrace-tmp`, `.part.tfrecord.manifest.json.${hex}.millrace-tmp`];
    const others = [
      '.part-00007.tfrecord.tmp',
      `.other-00007.tfrecord.${hex}.millrace-tmp`,
      `.part-7.tfrecord.${hex}.millrace-tmp`,
    ];
    for (const name of [...ours, ...others]) writeFileSync(join(folder, name), 'half');
    await writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), { recordFormat: 'TFRecord' });
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual(others.sort());
  });
});

describe('writeRecords with resume', () => {
  it('starts as usual if there is nothing to resume', async () => {
    const folder = newFolder();
    const { files } = await writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), {
      ...TF_RECORDS,
      resume: true,
    });
    expect(files.length).toBe(3);
  });

  it.each(['.tfrecord', '.tfrecord.gz'])(
    'makes the same files as without an interruption, and keeps the whole ones: %s',
    async (ending) => {
      const [whole, resumed] = [newFolder(), newFolder()];
      const write = (folder: string, after: number, resume = false): Promise<Manifest> => {
        const failing$ = throwError(() => new Error('the source'));
        const source$ = after < 25 ? concat(fromIterable(records.slice(0, after)), failing$) : fromIterable(records);
        return writeRecords(source$, join(folder, `part-{shard}${ending}`), {
          ...TF_RECORDS,
          recordsPerFile: 4,
          resume,
        });
      };
      const expected = await write(whole, 25);
      const inodes = new Map<string, number>();
      for (const after of [3, 6, 7, 13, 24, 25]) {
        await write(resumed, after, true).catch(() => undefined);
        for (const name of readdirSync(resumed).filter((each) => each.endsWith(ending))) {
          const { ino } = statSync(join(resumed, name));
          expect(inodes.get(name) ?? ino).toBe(ino);
          inodes.set(name, ino);
        }
      }
      const moved = (text: string) => text.replaceAll(whole, resumed);
      expect(contentOf(resumed)).toEqual(
        Object.fromEntries(Object.entries(contentOf(whole)).map(([name, text]) => [name, moved(text)])),
      );
      expect(JSON.parse(moved(JSON.stringify(expected)))).toEqual(
        JSON.parse(JSON.stringify(await write(resumed, 25, true))),
      );
    },
  );

  it('does not encode the records of whole files again', async () => {
    const folder = newFolder();
    await interrupted(folder, 15);
    const encoded: number[] = [];
    const numbers$ = fromIterable(records.keys());
    const recordFormat = 'TFRecord';
    const manifest = JSON.parse(readFileSync(join(folder, 'part.tfrecord.manifest.json'), 'utf8')) as Manifest;
    writeFileSync(join(folder, 'part.tfrecord.manifest.json'), JSON.stringify({ ...manifest, recordFormat: 'custom' }));
    const encode = (index: number) => {
      encoded.push(index);
      return encodeTFRecord(records[index] as Uint8Array);
    };
    const options = { recordFormat: encode, recordsPerFile: 10, resume: true };
    await writeRecords(numbers$, join(folder, 'part-{shard}.tfrecord'), options);
    expect(encoded).toEqual(Array.from({ length: 15 }, (_, index) => index + 10));
    expect(await all(recordsFromFiles(join(folder, 'part-*.tfrecord'), { recordFormat }))).toEqual(
      records.map((each) => new Uint8Array(each)),
    );
  });

  it('returns the manifest of a complete run at once, without a record', async () => {
    const pattern = join(newFolder(), 'part-{shard}.tfrecord');
    const manifest = await writeRecords(fromIterable(records), pattern, TF_RECORDS);
    const { source$, asked } = countedSource(records);
    const again = await writeRecords(source$, pattern, { ...TF_RECORDS, resume: true });
    expect(JSON.stringify(again)).toBe(JSON.stringify(manifest));
    expect(asked()).toBe(0);
  });

  it('writes a file again that appeared after the last manifest', async () => {
    const folder = newFolder();
    await interrupted(folder, 15);
    writeFileSync(join(folder, 'part-00001.tfrecord'), 'not in the manifest');
    writeFileSync(join(folder, 'part-00004.tfrecord'), 'of an older run');
    await writeRecords(fromIterable(records), join(folder, 'part-{shard}.tfrecord'), { ...TF_RECORDS, resume: true });
    expect(existsSync(join(folder, 'part-00004.tfrecord'))).toBe(false);
    const read$ = recordsFromFiles(join(folder, 'part-*.tfrecord'), { recordFormat: 'TFRecord' });
    expect(await all(read$)).toEqual(records.map((each) => new Uint8Array(each)));
  });

  it.each([
    [{ recordsPerFile: 5 }, /recordsPerFile: expected 10, found 5\. .* the earlier run \(.*\.manifest\.json\)\./],
    [{ bytesPerFile: 5 }, /bytesPerFile: expected nothing, found 5\./],
    [{ recordFormat: 'RecordIO' }, /recordFormat: expected TFRecord, found RecordIO\./],
    [
      { compression: 'gzip' },
      /compression: expected none, found gzip\. .* Resume with the same options, or set overwrite/,
    ],
  ] as const)('refuses other options: %j', async (changed, message) => {
    const folder = newFolder();
    await interrupted(folder, 15);
    expect(await interrupted(folder, 15, { resume: true, ...changed })).toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a shorter source, and a kept file that has changed or is gone', async () => {
    const folder = newFolder();
    const pattern = join(folder, 'part-{shard}.tfrecord');
    await interrupted(folder, 15);
    const resumed = (source: readonly Uint8Array[]) =>
      writeRecords(fromIterable(source), pattern, { ...TF_RECORDS, resume: true });
    await expect(resumed(records.slice(0, 9))).rejects.toThrow(
      /the source ended after 9 records, but the earlier run had written 10/,
    );
    writeFileSync(join(folder, 'part-00000.tfrecord'), 'x');
    await expect(resumed(records)).rejects.toThrow(
      /part-00000\.tfrecord: expected \d+ bytes, as .* says, found 1 bytes\./,
    );
    rmSync(join(folder, 'part-00000.tfrecord'));
    await expect(resumed(records)).rejects.toThrow(/found no file\. Set overwrite: true instead of resume/);
  });

  it.each([
    ['{"version":1', /is not JSON: .*Remove this file and the files of its run, or set overwrite: true\./],
    ['{"version":2,"pattern":"a","files":[]}', /version: .*expected 1/],
  ])('refuses a manifest that is damaged: %s', async (text, message) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'part.tfrecord.manifest.json'), text);
    expect(await interrupted(folder, 15, { resume: true })).toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(message),
    });
  });
});
