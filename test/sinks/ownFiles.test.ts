import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { batch } from '../../operators/batch.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { prefetch } from '../../operators/prefetch.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fileStore } from '../../src/stores/fileStore.js';
import { storeBytes } from '../../src/stores/storeBytes.js';
import { concat, concatMap, from, type Observable } from 'rxjs';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { contentOf, numberedRecords, TF_RECORDS } from './support/numbered.js';

const newFolder = temporaryFolders();
const records = numberedRecords(25);
const OVERWRITE = { ...TF_RECORDS, overwrite: true } as const;

const read = (pattern: string, cycleLength = 1): Observable<Uint8Array> =>
  recordsFromFiles(pattern, { recordFormat: 'TFRecord', cycleLength });

const SOURCES: Readonly<Record<string, (folder: string) => Observable<Uint8Array>>> = {
  'recordsFromFiles of the files': (folder) => read(join(folder, 'part-*')),
  'recordsFromFiles of the folder': (folder) => read(folder),
  'recordsFromFiles with cycleLength': (folder) => read(folder, 2),
  'recordsFromFiles through a link to the folder': (folder) => read(join(folder, '..', 'link', '*')),
  'recordsFromFiles of a hard link': (folder) => read(join(folder, '..', 'hard')),
  'recordsFromFiles and operators': (folder) =>
    read(folder).pipe(
      batch(3),
      prefetch(2),
      concatMap((some) => from(some)),
    ),
  'the second of two sources': (folder) => concat(fromIterable(records.slice(0, 2)), read(folder)),
  fromFile: (folder) => fromFile(join(folder, 'part-00001.tfrecord')).pipe(decodeTFRecord()),
  storeBytes: (folder) => {
    const url = join(folder, 'part-00001.tfrecord');
    const object = { url, byteLength: undefined, version: undefined, hasRanges: true };
    return storeBytes(fileStore(), object).pipe(decodeTFRecord());
  },
};

describe('writeRecords over its own source', () => {
  it.each(Object.keys(SOURCES))('is refused before a file is changed: %s', async (name) => {
    const folder = join(newFolder(), 'data');
    mkdirSync(folder);
    symlinkSync('data', join(folder, '..', 'link'));
    const pattern = join(folder, 'part-{shard}.tfrecord');
    await writeRecords(fromIterable(records), pattern, TF_RECORDS);
    linkSync(join(folder, 'part-00001.tfrecord'), join(folder, '..', 'hard'));
    const before = contentOf(folder);
    const writing = writeRecords(SOURCES[name]!(folder), pattern, { ...OVERWRITE, recordsPerFile: 4 });
    await expect(writing).rejects.toMatchObject({ name: 'ConfigError', path: 'pattern' });
    await expect(writing).rejects.toThrow(/^writeRecords: pattern: the source reads .*, which is one of the files/);
    expect(contentOf(folder)).toEqual(before);
  });

  it('is refused if the pattern is relative, and the source is not', async () => {
    const folder = newFolder();
    const path = join(folder, 'a.tfrecord');
    await writeRecords(fromIterable(records), path, { recordFormat: 'TFRecord' });
    const cwd = process.cwd();
    process.chdir(folder);
    try {
      const writing = writeRecords(read(path), 'a.tfrecord', { recordFormat: 'TFRecord', overwrite: true });
      await expect(writing).rejects.toThrow(/the source reads .*a\.tfrecord/);
    } finally {
      process.chdir(cwd);
    }
  });

  it('takes sources with other names in the same folder', async () => {
    const folder = newFolder();
    const pattern = join(folder, 'part-{shard}.tfrecord');
    await writeRecords(fromIterable(records), join(folder, 'old-{shard}.tfrecord'), TF_RECORDS);
    writeFileSync(join(folder, 'part-1.tfrecord'), '');
    await writeRecords(read(join(folder, '{old-*,part-1.tfrecord}')), pattern, TF_RECORDS);
    const again = await writeRecords(read(join(folder, 'old-*')), pattern, { ...OVERWRITE, recordsPerFile: 4 });
    expect(again).toMatchObject({ records: 25, isComplete: true });
  });
});
