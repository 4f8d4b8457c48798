import { memoryUsage } from 'node:process';
import { encodeRecordIOParts } from '../../../src/formats/recordio/encodeRecordIO.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import type { RecordReader } from '../../../src/formats/framing/recordReader.js';
import { TextLineReader } from '../../../src/formats/text/textLineReader.js';
import { TFRecordReader } from '../../../src/formats/tfrecord/tfRecordReader.js';
import { FormatError } from '../../../src/base/errors.js';
import { maskedCrc } from '../reference/readTFRecords.js';
import { littleEndian } from '../../fuzz/mutations.js';
import { readAll } from '../support/readAll.js';
import { thrownBy } from '../support/thrownBy.js';
import { varint } from '../support/wire.js';

const MIB = 1024 * 1024;

/** Returns how much more memory ArrayBuffers use after a call. No garbage may be collected during the call. */
function allocatedBy(call: () => unknown): number {
  const before = memoryUsage().arrayBuffers;
  const kept = call();
  const grown = memoryUsage().arrayBuffers - before;
  expect(kept).toBeDefined();
  return grown;
}

function tfRecordHeader(length: bigint): Uint8Array {
  const bytes = littleEndian(length, 8);
  return new Uint8Array(Buffer.concat([bytes, littleEndian(BigInt(maskedCrc(bytes)), 4)]));
}

const recordIOHeader = (length: number) => Buffer.from(Uint32Array.of(0xced7230a, length).buffer);

const HEADERS: [string, () => RecordReader, Uint8Array][] = [
  ...[2n ** 28n + 1n, 2n ** 32n, 2n ** 53n, 2n ** 62n, 2n ** 64n - 1n].map(
    (length): [string, () => RecordReader, Uint8Array] => {
      return [`a TFRecord of ${length} bytes`, () => new TFRecordReader(), tfRecordHeader(length)];
    },
  ),
  ['RecordIO of 2^29 - 1 bytes', () => new RecordIOReader(), recordIOHeader(2 ** 29 - 1)],
  ['RecordIO of 2^28 + 1 bytes', () => new RecordIOReader({ onResync: () => undefined }), recordIOHeader(2 ** 28 + 1)],
];

describe('maxRecordBytes', () => {
  it.each(HEADERS)('refuses %s before anything is allocated for it', (_, createReader, header) => {
    const grown = allocatedBy(() => {
      const outcome = readAll(createReader(), [header]);
      expect(outcome.ending).toMatchObject({ kind: 'tooLarge', byteOffset: 0 });
      return outcome;
    });
    expect(grown).toBeLessThan(MIB);
  });

  it('is by default 256 MiB: this length is accepted, and one byte more is refused', () => {
    const endOf = (length: number) => {
      const { ending } = readAll(new RecordIOReader(), [recordIOHeader(length)]);
      return ending === 'end' ? ending : ending.kind;
    };
    expect(endOf(2 ** 28 + 1)).toBe('tooLarge');
    expect(endOf(2 ** 28)).toBe('truncated');
  });

  const chunk = new Uint8Array(MIB).fill(0x61);

  it('bounds the memory of a line without an end', () => {
    const reader = new TextLineReader({ maxRecordBytes: 9 * MIB });
    const grown = allocatedBy(() => {
      for (let count = 0; count < 9; count++) {
        reader.push(chunk);
        expect(reader.read()).toBeUndefined();
      }
      expect(() => {
        reader.push(chunk.subarray(0, 1));
        reader.read();
      }).toThrow(FormatError);
      return reader;
    });
    // The collected bytes, and the memory before the last growth.
    expect(grown).toBeLessThan(9 * MIB + 16 * MIB);
  });

  it('bounds a record of many parts, without another copy at its end', () => {
    const input = encodeRecordIOParts(Array.from({ length: 9 }, () => chunk));
    const reader = new RecordIOReader({ maxRecordBytes: 9 * MIB });
    reader.push(input);
    const record = reader.read()!;
    expect(record.length).toBe(9 * MIB);
    expect(record.buffer.byteLength).toBe(9 * MIB);
  });
});

describe('createExampleParser', () => {
  it.each([2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 62n, 2n ** 64n - 1n])(
    'allocates nothing for a length of %s that its record does not have',
    (length) => {
      const parser = createExampleParser({ a: { kind: 'varLen', dtype: 'int64' } });
      const grown = allocatedBy(() =>
        thrownBy(FormatError, () => parser.parseSingle(Uint8Array.of(0x0a, ...varint(length), 1, 2, 3))),
      );
      expect(grown).toBeLessThan(MIB);
    },
  );
});
