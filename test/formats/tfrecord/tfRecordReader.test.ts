import { createHash } from 'node:crypto';
import { gunzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { ConfigError } from '../../../src/base/errors.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { maskedCrc32c } from '../../../src/formats/crc32c/crc32c.js';
import { TFRecordReader } from '../../../src/formats/tfrecord/tfRecordReader.js';
import { fixtureBytes, fixtureJson } from '../support/fixtures.js';
import { expectSameForEveryCut, expectTruncationAnywhere, inChunksOf, readAll } from '../support/readAll.js';

interface Index {
  readonly files: readonly {
    readonly file: string;
    readonly compression: 'GZIP' | 'ZLIB' | null;
    readonly records: readonly { readonly bytes: number; readonly sha256: string }[];
  }[];
  readonly bad: readonly { readonly file: string; readonly name: string; readonly recordsBefore: number }[];
}

const index = fixtureJson('tfrecord/index.json') as Index;
const createReader = () => new TFRecordReader();

function decompressed(file: Index['files'][number]): Uint8Array {
  const bytes = fixtureBytes(file.file);
  if (file.compression === null) return bytes;
  return new Uint8Array(file.compression === 'GZIP' ? gunzipSync(bytes) : inflateSync(bytes));
}

/** Returns a header with a correct checksum and any length. */
function headerOf(length: bigint): Uint8Array {
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setBigUint64(0, length, true);
  view.setUint32(8, maskedCrc32c(view, 0, 8), true);
  return header;
}

describe('TFRecordReader', () => {
  it.each(index.files)('reads the same as TensorFlow from $file', (file) => {
    for (const size of [1000, 65536, 10_000_000]) {
      const { records, ending } = readAll(createReader(), inChunksOf(size, decompressed(file)));
      const found = records.map((record) => ({
        bytes: record.length,
        sha256: createHash('sha256').update(record).digest('hex'),
      }));
      expect(found).toEqual(file.records);
      expect(ending).toBe('end');
    }
  });

  it.each(index.bad)('stops at the same record as TensorFlow: $name', ({ file, name, recordsBefore }) => {
    const input = fixtureBytes(file);
    const { records, ending } = readAll(createReader(), [input]);
    expect(records).toHaveLength(recordsBefore);
    const byteOffset = records.reduce((sum, record) => sum + 16 + record.length, 0);
    const kind = name.startsWith('cut') ? 'truncated' : 'checksum';
    expect(ending).toEqual({ kind, byteOffset, recordIndex: recordsBefore });
    expectSameForEveryCut(createReader, input);
  });

  it('reads the same however the input is cut', () => {
    expectSameForEveryCut(createReader, fixtureBytes('tfrecord/small.tfrecord'));
    expectSameForEveryCut(createReader, fixtureBytes('tfrecord/plain.tfrecord'));
  });

  it('finds every beginning of a file complete or truncated', () => {
    const input = fixtureBytes('tfrecord/small.tfrecord');
    const frames = readAll(createReader(), [input]).records.map(encodeTFRecord);
    expect(new Uint8Array(Buffer.concat(frames))).toEqual(input);
    expectTruncationAnywhere(createReader, frames);
  });

  it('reads the output of encodeTFRecord', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (payloads) => {
        const { records, ending } = readAll(
          createReader(),
          inChunksOf(100, Buffer.concat(payloads.map(encodeTFRecord))),
        );
        expect(records).toEqual(payloads);
        expect(ending).toBe('end');
      }),
    );
  });

  it('returns a view of a record inside a chunk, and a copy of one across two', () => {
    const input = Buffer.concat([encodeTFRecord(new Uint8Array(8)), encodeTFRecord(new Uint8Array(8))]);
    const first = new Uint8Array(input.subarray(0, 40));
    const { records } = readAll(createReader(), [first, new Uint8Array(input.subarray(40))]);
    expect(records[0]!.buffer).toBe(first.buffer);
    expect(records[1]!.buffer.byteLength).toBe(24);
  });

  it('refuses a length of 2^62 only once its checksum proves right', () => {
    const place = { byteOffset: 0, recordIndex: 0 };
    const header = headerOf(2n ** 62n);
    const { ending, error } = readAll(createReader(), [header]);
    expect(ending).toEqual({ kind: 'tooLarge', ...place });
    expect(error!.message).toContain('4611686018427387904 bytes');
    header[8]! ^= 1;
    expect(readAll(createReader(), [header]).ending).toEqual({ kind: 'checksum', ...place });
  });

  it('holds records to maxRecordBytes', () => {
    const input = Buffer.concat([encodeTFRecord(new Uint8Array(10)), encodeTFRecord(new Uint8Array(11))]);
    const { records, ending } = readAll(new TFRecordReader({ maxRecordBytes: 10 }), [input]);
    expect(records).toHaveLength(1);
    expect(ending).toEqual({ kind: 'tooLarge', byteOffset: 26, recordIndex: 1 });
  });

  it('names both values of a wrong data checksum', () => {
    const frame = encodeTFRecord(Uint8Array.of(1, 2, 3));
    const view = new DataView(frame.buffer);
    const stored = view.getUint32(15, true);
    frame[12] = 9;
    const computed = maskedCrc32c(view, 12, 15);
    const { error } = readAll(createReader(), [frame]);
    for (const value of [stored, computed])
      expect(error!.message).toContain(`0x${value.toString(16).padStart(8, '0')}`);
  });

  it('refuses a chunk, or the end, while the one before has not been read', () => {
    const input = Buffer.concat([1, 2, 3].map((length) => encodeTFRecord(new Uint8Array(length))));
    const reader = createReader();
    reader.push(input.subarray(0, 20));
    expect(() => reader.push(input.subarray(20))).toThrow(RangeError);
    expect(reader.read()).toHaveLength(1);
    expect(reader.read()).toBeUndefined();
    reader.push(input.subarray(20));
    expect(reader.read()).toHaveLength(2);
    expect(() => reader.push(input)).toThrow(RangeError);
    expect(() => reader.end()).toThrow(RangeError);
    expect(reader.read()).toHaveLength(3);
    expect(reader.read()).toBeUndefined();
    expect(() => reader.end()).not.toThrow();
  });

  it.each([0, -1, 1.5, Infinity, '1'])('throws a ConfigError for maxRecordBytes %p', (maxRecordBytes) => {
    expect(() => new TFRecordReader({ maxRecordBytes } as { maxRecordBytes: number })).toThrow(ConfigError);
  });
});
