import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import { encodeTextLine } from '../../../src/formats/text/encodeTextLine.js';
import { TextLineReader } from '../../../src/formats/text/textLineReader.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { TFRecordReader } from '../../../src/formats/tfrecord/tfRecordReader.js';
import { indexRecords } from '../../../src/pipeline/lanes/indexRecords.js';
import { writeFiles } from '../recordFiles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { MemoryStore } from './support/memoryStore.js';

const newFolder = temporaryFolders();
const ALL = 'mem://data/*';

const FORMATS = [
  {
    recordFormat: 'TFRecord',
    encode: encodeTFRecord,
    newReader: () => new TFRecordReader(),
  },
  {
    recordFormat: 'RecordIO',
    encode: encodeRecordIO,
    newReader: () => new RecordIOReader(),
  },
  {
    recordFormat: 'TextLine',
    encode: encodeTextLine,
    newReader: () => new TextLineReader(),
  },
] as const;

const text = (size: number, fill: number): Uint8Array => new Uint8Array(size).fill(97 + (fill % 26));

describe('indexRecords', () => {
  it.each(FORMATS)('finds blocks of $recordFormat that can be read alone', async (format) => {
    const { recordFormat, encode, newReader } = format;
    const sizes = fc.array(fc.array(fc.nat(300), { maxLength: 60 }), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 3000 }),
        async (...drawn) => {
          const [files, blockBytes, rangeBytes] = drawn;
          const bytes = files.map((file) => Buffer.concat(file.map((size, index) => encode(text(size, index)))));
          const store = new MemoryStore(Object.fromEntries(bytes.map((file, index) => [`part-${index}`, file])));
          const index = await indexRecords(ALL, {
            recordFormat,
            store,
            blockBytes,
            rangeBytes,
          });
          for (const [at, { name, byteLength, version, blocks }] of index.files.entries()) {
            expect([name, byteLength, version]).toEqual([`part-${at}`, bytes[at]!.length, `v${bytes[at]!.length}`]);
            const starts = [...blocks.map(([start]) => start), byteLength];
            const records = blocks.map(([start], block) => {
              const reader = newReader();
              reader.push(bytes[at]!.subarray(start, starts[block + 1]));
              let count = 0;
              while (reader.read() !== undefined) count++;
              expect(reader.end()).toBeUndefined();
              expect(starts[block + 1]! - start >= blockBytes || block === blocks.length - 1).toBe(true);
              return count;
            });
            expect(records).toEqual(blocks.map(([, count]) => count));
            expect(records.reduce((sum, count) => sum + count, 0)).toBe(files[at]!.length);
          }
          // The size of the ranges does not change the blocks.
          expect(await indexRecords(ALL, { recordFormat, store, blockBytes })).toEqual(index);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves out the header of CSV files, and counts a last line without a newline', async () => {
    const lines = Array.from({ length: 40 }, (_, line) => `${line},value`);
    const store = new MemoryStore({
      'a.csv': Buffer.from(['id,text', ...lines].join('\n')),
    });
    const options = { store, blockBytes: 128 };
    const { files } = await indexRecords(ALL, {
      ...options,
      recordFormat: decodeTextLine({ skipLines: 1 }),
    });
    const counts = files[0]!.blocks.map(([, records]) => records);
    expect(counts.length).toBeGreaterThan(2);
    expect(counts.reduce((sum, count) => sum + count)).toBe(40);
  });

  it('reads the index files of tfrecord2idx instead of the records', async () => {
    const records = Array.from({ length: 100 }, (_, index) => encodeTFRecord(text(index, index)));
    let offset = 0;
    const lines = records.map((record) => `${(offset += record.length) - record.length} ${record.length}\n`);
    const data = Buffer.concat(records);
    const store = new MemoryStore({
      'a.tfrecord': data,
      'a.idx': Buffer.from(lines.join('')),
    });
    const options = {
      recordFormat: 'TFRecord',
      store,
      blockBytes: 500,
    } as const;
    const { files } = await indexRecords('mem://data/a.tfrecord', {
      ...options,
      idxFiles: 'mem://data/*.idx',
    });
    expect(store.bytesRead).toBe(lines.join('').length);
    expect(files[0]!.blocks[0]).toEqual([0, 20]);
    expect(files[0]!.blocks.reduce((sum, [, count]) => sum + count, 0)).toBe(100);

    store.put('a.tfrecord', Buffer.concat([data, data]));
    await expect(
      indexRecords('mem://data/a.tfrecord', {
        ...options,
        idxFiles: 'mem://data/a.idx',
      }),
    ).rejects.toMatchObject({
      code: 'ERR_CHANNEL_CHANGED',
      message:
        'mem://data/a.idx does not match mem://data/a.tfrecord: the index ends at byte 6550, but the file has 13100 bytes. Run tfrecord2idx again.',
    });
    store.put('a.idx', Buffer.from('0 16\n17 oops\n'));
    await expect(
      indexRecords('mem://data/a.tfrecord', {
        ...options,
        idxFiles: 'mem://data/a.idx',
      }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('expected a line such as "0 1040", found "17 oops"'),
    });
  });

  it('reports its progress', async () => {
    const store = new MemoryStore({
      a: encodeTFRecord(text(10, 1)),
      b: encodeTFRecord(text(10, 2)),
    });
    const seen: unknown[] = [];
    await indexRecords(ALL, {
      recordFormat: 'TFRecord',
      store,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen).toEqual([
      { bytes: 26, totalBytes: 52, records: 1 },
      { bytes: 52, totalBytes: 52, records: 2 },
    ]);
  });

  it('refuses files that cannot be read in blocks, and says what to do', async () => {
    const folder = newFolder();
    writeFiles(folder, {
      'a.tfrecord.gz': gzipSync(encodeTFRecord(text(10, 1))),
    });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const index = (path: string) => indexRecords(path, { recordFormat: 'TFRecord' });
    const options = {
      recordFormat: 'TFRecord',
      store: Object.assign(new MemoryStore({ a: text(1, 1) }), {
        hasRanges: false,
      }),
    } as const;
    await expect(index(`${folder}/a.tfrecord.gz`)).rejects.toThrow(
      `Cannot read blocks of ${folder}/a.tfrecord.gz: it is compressed with gzip, so it can be read only from its start. Decompress the file, or read it with recordsFromFiles() and shuffle().`,
    );
    await expect(index(`${folder}/pipe`)).rejects.toThrow('it is a FIFO or a device, not a regular file. Copy');
    await expect(indexRecords(ALL, options)).rejects.toThrow('its server does not support ranges. Copy');
    await expect(index(`${folder}/none`)).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      errno: 'ENOENT',
    });
  });

  it('names the file and the position of bad bytes', async () => {
    const folder = newFolder();
    const bytes = Buffer.concat([encodeTFRecord(text(10, 1)), encodeTFRecord(text(10, 1))]);
    bytes[40] = 1 + bytes[40]!;
    writeFileSync(join(folder, 'a.tfrecord'), bytes);
    await expect(indexRecords(folder, { recordFormat: 'TFRecord' })).rejects.toMatchObject({
      path: join(folder, 'a.tfrecord'),
      recordIndex: 1,
      byteOffset: 26,
    });
  });

  it('throws at the call if a decoder must read files from their start', () => {
    const index = (options: object) => () => indexRecords('data', options as never);
    const message = 'recordFormat: expected TFRecord, RecordIO, TextLine, the decoder of one of them, or parquetRows()';
    expect(index({ recordFormat: decodeTFRecord({ onBadRecord: 'skip' }) })).toThrow(message);
    expect(index({ recordFormat: 'WholeFile' })).toThrow(message);
    expect(index({ recordFormat: 'TextLine', idxFiles: 'a' })).toThrow('idxFiles: expected the recordFormat TFRecord');
    expect(index({ recordFormat: 'TFRecord', blockBytes: 0 })).toThrow('blockBytes: expected a positive integer');
  });
});
