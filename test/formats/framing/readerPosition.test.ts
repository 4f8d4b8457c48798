import { expect } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError } from '../../../src/base/errors.js';
import type { ReaderPosition } from '../../../src/base/readerPosition.js';
import type { RecordReader } from '../../../src/formats/framing/recordReader.js';
import { encodeRecordIO, encodeRecordIOParts } from '../../../src/formats/recordio/encodeRecordIO.js';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import { encodeTextLine } from '../../../src/formats/text/encodeTextLine.js';
import { TextLineReader } from '../../../src/formats/text/textLineReader.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { TFRecordReader } from '../../../src/formats/tfrecord/tfRecordReader.js';
import { comparable, cuts, readAll } from '../support/readAll.js';
import { runs } from '../../support/runs.js';

interface Format {
  readonly name: string;
  readonly encode: (record: Uint8Array) => Uint8Array;
  readonly open: (start?: ReaderPosition) => RecordReader<Uint8Array | string> & { readonly position: ReaderPosition };
}

const halves = (record: Uint8Array): Uint8Array[] => [record.subarray(0, 3), record.subarray(3)];

const FORMATS: readonly Format[] = [
  { name: 'TFRecord', encode: encodeTFRecord, open: (start) => new TFRecordReader({}, start) },
  { name: 'RecordIO', encode: encodeRecordIO, open: (start) => new RecordIOReader({}, start) },
  {
    name: 'RecordIO in parts',
    encode: (record) => encodeRecordIOParts(halves(record)),
    open: (start) => new RecordIOReader({}, start),
  },
  { name: 'TextLine', encode: encodeTextLine, open: (start) => new TextLineReader({ encoding: 'utf8' }, start) },
  {
    name: 'TextLine with skipLines',
    encode: encodeTextLine,
    open: (start) => new TextLineReader({ skipLines: 2, carriageReturns: 'all' }, start),
  },
];

const LETTERS = fc.array(fc.constantFrom(0x20, 0x0d, 0x41, 0xc3), { maxLength: 9 });

/** Encoded records. A byte may be changed, and the end may be missing. */
const inputs = ({ encode }: Format): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      records: fc.array(LETTERS, { minLength: 1, maxLength: 8 }),
      damaged: fc.option(fc.nat()),
      missing: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ records, damaged, missing }) => {
      const bytes = new Uint8Array(Buffer.concat(records.map((record) => encode(Uint8Array.from(record)))));
      if (damaged !== null) bytes[damaged % bytes.length]! ^= 0x10;
      return bytes.slice(0, Math.max(0, bytes.length - missing));
    });

describe.each(FORMATS)('the position of a reader of $name', (format) => {
  it('lets another reader go on with the same records, and the same error, after any chunk', () => {
    const cases = inputs(format).chain((input) => fc.tuple(fc.constant(input), cuts(input), cuts(input)));
    fc.assert(
      fc.property(cases, ([input, chunks, later]) => {
        const { records, ending, error } = readAll(format.open(), [input]);
        const reader = format.open();
        let read = 0;
        for (const chunk of chunks) {
          const { byteOffset, recordIndex } = reader.position;
          const open = () => format.open({ byteOffset, recordIndex });
          const rest = input.slice(byteOffset);
          const expected = comparable({ records: records.slice(read), ending, error });
          expect(comparable(readAll(open(), cutAs(rest, later)))).toEqual(expected);
          // A message may show bytes of the input.
          expect(readAll(open(), [rest]).error?.message).toBe(error?.message);
          reader.push(chunk);
          try {
            while (reader.read() !== undefined) read++;
          } catch {
            return;
          }
        }
      }),
      { numRuns: runs(200) },
    );
  });

  it('is the start that it was given', () => {
    const start = { byteOffset: 7, recordIndex: 2 };
    expect(format.open(start).position).toEqual(start);
  });

  it('is refused if it is no place', () => {
    expect(() => format.open({ byteOffset: -1, recordIndex: 0 })).toThrow(ConfigError);
  });
});

/** Cuts the bytes into chunks of the same lengths as another input. */
function cutAs(bytes: Uint8Array, chunks: readonly Uint8Array[]): Uint8Array[] {
  const cut: Uint8Array[] = [];
  let at = 0;
  for (const { length } of chunks) {
    cut.push(bytes.slice(at, at + length));
    at += length;
  }
  return cut;
}
