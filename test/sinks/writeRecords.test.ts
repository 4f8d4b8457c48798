import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { crc32c } from '../../src/formats/crc32c/crc32c.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTextLine } from '../../src/formats/text/encodeTextLine.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fileStore } from '../../src/stores/fileStore.js';
import { httpStore } from '../../src/stores/httpStore.js';
import type { WritableStore } from '../../src/stores/store.js';
import { folderStore } from '../agent/folderStore.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { all, contentOf, numberedRecords, TF_RECORDS } from './support/numbered.js';

const newFolder = temporaryFolders();
const records = numberedRecords(25);

describe('writeRecords', () => {
  it('writes numbered files with so many records each, and a manifest beside them', async () => {
    const folder = newFolder();
    const pattern = join(folder, 'new', 'part-{shard}.tfrecord');
    const manifest = await writeRecords(fromIterable(records), pattern, TF_RECORDS);
    const files = contentOf(join(folder, 'new'));
    expect(Object.keys(files)).toEqual([
      'part-00000.tfrecord',
      'part-00001.tfrecord',
      'part-00002.tfrecord',
      'part.tfrecord.manifest.json',
    ]);
    const bytes = [records.slice(0, 10), records.slice(10, 20), records.slice(20)].map((some) =>
      Buffer.concat(some.map(encodeTFRecord)),
    );
    expect(Object.values(files).slice(0, 3)).toEqual(bytes.map((each) => each.toString('latin1')));
    expect(manifest).toEqual({
      version: 1,
      pattern,
      ...{ recordFormat: 'TFRecord', compression: 'none', recordsPerFile: 10, bytesPerFile: undefined },
      ...{ isComplete: true, records: 25, bytes: Buffer.concat(bytes).length },
      files: bytes.map((each, index) => ({
        path: pattern.replace('{shard}', `0000${index}`),
        records: [10, 10, 5][index],
        bytes: each.length,
        crc32c: crc32c(each).toString(16).padStart(8, '0'),
      })),
    });
    expect(JSON.parse(files['part.tfrecord.manifest.json'] ?? '')).toEqual(JSON.parse(JSON.stringify(manifest)));
  });

  it('limits the bytes of a file, and writes a larger record alone', async () => {
    const folder = newFolder();
    const sizes = [3, 3, 3, 20, 1, 9, 1];
    const source$ = fromIterable(sizes.map((size) => Buffer.alloc(size, 'x')));
    const options = { recordFormat: (record: Uint8Array) => record, bytesPerFile: 9 };
    const { files } = await writeRecords(source$, join(folder, '{shard}'), options);
    expect(files.map(({ bytes }) => bytes)).toEqual([9, 20, 1, 9, 1]);
    expect(files.map(({ records: count }) => count)).toEqual([3, 1, 1, 1, 1]);
  });

  it('ends a file at the limit that comes first', async () => {
    const source$ = fromIterable([1, 1, 1, 8, 1].map((size) => Buffer.alloc(size, 'x')));
    const options = { recordFormat: (record: Uint8Array) => record, bytesPerFile: 9, recordsPerFile: 3 };
    const { files } = await writeRecords(source$, join(newFolder(), '{shard}'), options);
    expect(files.map(({ records: count }) => count)).toEqual([3, 2]);
  });

  it('writes RecordIO, lines of bytes and text, and records of any kind by a function', async () => {
    const folder = newFolder();
    const text$ = fromIterable(['a', 'é']);
    await writeRecords(fromIterable(records), join(folder, 'a.rec'), { recordFormat: 'RecordIO' });
    await writeRecords(text$, join(folder, 'b.txt'), { recordFormat: 'TextLine' });
    await writeRecords(fromIterable(records), join(folder, 'c.txt'), { recordFormat: 'TextLine' });
    const rows$ = fromIterable([{ x: 1 }, { x: 2 }]);
    await writeRecords(rows$, join(folder, 'd.jsonl'), { recordFormat: (row) => encodeTextLine(JSON.stringify(row)) });
    const read = (name: string) => readFileSync(join(folder, name));
    expect(read('a.rec').equals(Buffer.concat(records.map((record) => encodeRecordIO(record))))).toBe(true);
    expect(read('b.txt').toString()).toBe('a\né\n');
    expect(read('c.txt').equals(Buffer.concat(records.map(encodeTextLine)))).toBe(true);
    expect(read('d.jsonl').toString()).toBe('{"x":1}\n{"x":2}\n');
  });

  it('compresses by the name, or as it is told', async () => {
    const folder = newFolder();
    const write = (name: string, compression?: 'none' | 'gzip') =>
      writeRecords(fromIterable(records), join(folder, name), { recordFormat: 'TFRecord', compression });
    const plain = Buffer.concat(records.map(encodeTFRecord));
    const { files } = await write('a.tfrecord.gz');
    const zipped = readFileSync(join(folder, 'a.tfrecord.gz'));
    expect(files).toEqual([
      {
        ...{ path: join(folder, 'a.tfrecord.gz'), records: 25, bytes: zipped.length },
        crc32c: crc32c(zipped).toString(16).padStart(8, '0'),
      },
    ]);
    expect(gunzipSync(zipped).equals(plain)).toBe(true);
    await write('b', 'gzip');
    expect(readFileSync(join(folder, 'b')).equals(zipped)).toBe(true);
    await write('c', 'none');
    expect(readFileSync(join(folder, 'c')).equals(plain)).toBe(true);
  });

  it.each(['part-{shard}.tfrecord', 'one.tfrecord.gz'])('writes one file if there is no record: %s', async (name) => {
    const folder = newFolder();
    const { files, records: count } = await writeRecords(fromIterable<Uint8Array>([]), join(folder, name), {
      recordFormat: 'TFRecord',
    });
    expect([files.length, count]).toEqual([1, 0]);
    expect(await all(recordsFromFiles(files[0]?.path ?? '', { recordFormat: 'TFRecord' }))).toEqual([]);
  });

  it('writes records that are larger than a block', async () => {
    const large = [1, 3e6, 10, 1_048_560, 1_048_576, 5].map((size, index) => Buffer.alloc(size, index));
    const path = join(newFolder(), 'large.tfrecord');
    await writeRecords(fromIterable(large), path, { recordFormat: 'TFRecord' });
    expect(readFileSync(path).equals(Buffer.concat(large.map(encodeTFRecord)))).toBe(true);
  });

  it('names the manifest after the files, without their number', async () => {
    const folder = newFolder();
    for (const name of ['{shard}.rec', 'a_{shard}', 'b-{shard}-of-many.txt', 'c.txt']) {
      await writeRecords(fromIterable(['x']), join(folder, name), { recordFormat: 'TextLine' });
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toEqual([
      'a.manifest.json',
      'b-of-many.txt.manifest.json',
      'c.txt.manifest.json',
      'rec.manifest.json',
    ]);
  });

  it('saves the manifest less often when there are many files', async () => {
    const saves: string[] = [];
    const store = fileStore();
    const counting: WritableStore = {
      ...store,
      create: (url, options) => {
        if (url.endsWith('.json')) saves.push(url);
        return store.create(url, options);
      },
    };
    const source$ = fromIterable(numberedRecords(120));
    const options = { recordFormat: 'TextLine', recordsPerFile: 1, store: counting } as const;
    const { files } = await writeRecords(source$, join(newFolder(), '{shard}'), options);
    expect(files.length).toBe(120);
    // Saved at the start and the end, after each of the first 100 files, and every second.
    expect(saves.length).toBe(2 + 100 + 10);
  });
});

describe('writeRecords, its arguments', () => {
  const source$ = fromIterable(records);
  const refused = (pattern: string, options: object) => {
    expect.hasAssertions();
    try {
      void writeRecords(source$, pattern, options as never);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };

  it.each([
    ['a', {}, /recordFormat: expected one of RecordIO, TFRecord, TextLine, or a function that encodes one record/],
    [
      'a',
      TF_RECORDS,
      /pattern: expected \{shard\} in the name, because recordsPerFile can make several files, found a$/,
    ],
    ['a/', TF_RECORDS, /pattern: expected the name of a file, found the folder "a\/": write "a\/part-\{shard\}"/],
    ['{shard}/a', TF_RECORDS, /pattern: expected \{shard\} once, in the name of the file/],
    ['{shard}-{shard}', TF_RECORDS, /pattern: expected \{shard\} once/],
    ['part-{index}', TF_RECORDS, /pattern: expected no placeholder except \{shard\}, found "\{index\}"/],
    [
      'a-{shard}.zst',
      TF_RECORDS,
      /pattern: the name says zstd, but writeRecords can only write gzip: use a name that ends in \.gz/,
    ],
    ...['.gz', '.zst'].map(
      (extension) =>
        [
          `a-{shard}${extension}`,
          { ...TF_RECORDS, compression: 'none' },
          /pattern: the name says (gzip|zstd), but compression is none: use a name without this extension/,
        ] as const,
    ),
    [
      'a-{shard}.zst',
      { ...TF_RECORDS, compression: 'gzip' },
      /pattern: the name says zstd, but writeRecords can only write gzip/,
    ],
    ['~/{shard}', TF_RECORDS, /the shell did not expand the ~/],
    ['{shard}', { ...TF_RECORDS, recordsPerFile: 0 }, /recordsPerFile: expected a positive integer, found 0/],
    ['{shard}', { ...TF_RECORDS, resume: true, overwrite: true }, /overwrite: expected either resume or overwrite/],
    ['{shard}', { ...TF_RECORDS, recordPerFile: 1 }, /unknown key "recordPerFile"/],
    [
      'a-{shard}',
      { ...TF_RECORDS, store: { ...fileStore(), schemes: ['s3://'] } },
      /store: expected fileStore\(\) for a path, found a store for s3:\/\/\. fileStore\(\) is the default, so remove the option store$/,
    ],
    [
      's3://b/{shard}',
      TF_RECORDS,
      /store: s3:\/\/ needs a store that writes it, such as s3Store\(client\) of millrace\/s3/,
    ],
    [
      's3://b',
      TF_RECORDS,
      /pattern: expected an object in a bucket, found "s3:\/\/b": write "s3:\/\/b\/part-\{shard\}"/,
    ],
    ['s3://', TF_RECORDS, /pattern: expected the name of a bucket after s3:\/\/, found "s3:\/\/"/],
    ['s3:///k', TF_RECORDS, /pattern: expected the name of a bucket after s3:\/\//],
    ['s3://b-{shard}', TF_RECORDS, /pattern: expected an object in a bucket/],
    [
      'https://b/{shard}',
      { ...TF_RECORDS, store: httpStore() },
      /store: this store cannot write: use fileStore\(\) or/,
    ],
    ['{shard}', { ...TF_RECORDS, store: httpStore() }, /store: this store cannot write: use fileStore\(\) or/],
    ['{shard}', { ...TF_RECORDS, store: {} }, /store: expected a store/],
  ])('refuses %s with %j', (pattern, options, message) => {
    expect(refused(pattern, options)).toMatch(message);
  });

  it('uses the pattern of the argument, even if an untyped caller adds an option of the same name', async () => {
    const [pattern, other] = [join(newFolder(), 'a'), join(newFolder(), 'b')];
    const options = { recordFormat: 'TFRecord', pattern: other } as const;
    const { files } = await writeRecords(source$, pattern, options);
    expect(files.map(({ path }) => path)).toEqual([pattern]);
  });

  it('accepts the scheme of a URL in upper case, as readers do', async () => {
    const store = folderStore(newFolder());
    const { files } = await writeRecords(source$, 'S3://b/x', { recordFormat: 'TFRecord', store });
    expect(files.map(({ path }) => path)).toEqual(['s3://b/x']);
  });

  it('refuses what is no source', () => {
    expect(() => writeRecords<Uint8Array>([] as never, 'a', TF_RECORDS)).toThrow(/source\$: expected an Observable/);
  });
});
