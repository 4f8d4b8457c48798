import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeRecordIO, encodeRecordIOParts } from '../../../src/formats/recordio/encodeRecordIO.js';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import { comparable, cuts, inChunksOf, readAll } from '../support/readAll.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const [one, two, three] = ['one', 'two two', 'three'].map((text) => encodeRecordIO(bytes(text))) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const multipart = encodeRecordIOParts([bytes('abcd'), bytes('efgh')]);
const firstPart = multipart.subarray(0, 12);
const lastPart = multipart.subarray(12);

/** Returns the records and the skipped ranges. */
function resync(chunks: Uint8Array[], maxRecordBytes = 1000): unknown {
  const skipped: unknown[] = [];
  const onResync = (
    { kind, byteOffset, recordIndex }: { kind: string; byteOffset: number; recordIndex: number },
    count: number,
  ) => skipped.push({ kind, byteOffset, recordIndex, count });
  const outcome = readAll(new RecordIOReader({ maxRecordBytes, onResync }), chunks);
  const records = outcome.records.map((record) => Buffer.from(record).toString());
  return { records, skipped, ending: outcome.ending };
}

describe('RecordIOReader with onResync', () => {
  it('reads sound bytes as it does without', () => {
    const input = join(one, multipart, two);
    expect(resync([input])).toEqual({ records: ['one', 'abcdefgh', 'two two'], skipped: [], ending: 'end' });
  });

  const tooLarge = encodeRecordIO(new Uint8Array(2000));
  const cases: [string, Uint8Array, unknown][] = [
    [
      'bytes between records, of any number',
      join(one, bytes('garbage'), two, three),
      {
        records: ['one', 'two two', 'three'],
        skipped: [{ kind: 'malformed', byteOffset: 12, recordIndex: 1, count: 7 }],
      },
    ],
    [
      'a record that was cut, which takes bytes of the next',
      join(one, two.subarray(0, 12), three, two),
      {
        records: ['one', 'two \n#\ufffd', 'two two'],
        skipped: [{ kind: 'malformed', byteOffset: 28, recordIndex: 2, count: 12 }],
      },
    ],
    [
      'a multi-part record that goes on with another record',
      join(firstPart, one, two),
      { records: ['one', 'two two'], skipped: [{ kind: 'malformed', byteOffset: 0, recordIndex: 0, count: 12 }] },
    ],
    [
      'a last part without its first',
      join(one, lastPart, two),
      { records: ['one', 'two two'], skipped: [{ kind: 'malformed', byteOffset: 12, recordIndex: 1, count: 12 }] },
    ],
    [
      'a record that is too large',
      join(one, tooLarge, two),
      { records: ['one', 'two two'], skipped: [{ kind: 'tooLarge', byteOffset: 12, recordIndex: 1, count: 2008 }] },
    ],
    [
      'a multi-part record after the loss',
      join(bytes('xxxxxxxxx'), multipart, one),
      { records: ['abcdefgh', 'one'], skipped: [{ kind: 'malformed', byteOffset: 0, recordIndex: 0, count: 9 }] },
    ],
    [
      'two losses',
      join(bytes('xxxxxxxx'), one, bytes('yyyyyyyyyyy'), two),
      {
        records: ['one', 'two two'],
        skipped: [
          { kind: 'malformed', byteOffset: 0, recordIndex: 0, count: 8 },
          { kind: 'malformed', byteOffset: 20, recordIndex: 2, count: 11 },
        ],
      },
    ],
  ];

  it.each(cases)('goes on at the next record after %s, however the input is cut', (_, input, expected) => {
    const whole = resync([input]);
    expect(whole).toEqual({ ...(expected as object), ending: 'end' });
    expect(resync(inChunksOf(1, input))).toEqual(whole);
    fc.assert(
      fc.property(cuts(input), (chunks) => {
        expect(resync(chunks)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('never takes a cut end for a clean one', () => {
    const input = join(one, bytes('garbage!'), two);
    for (let length = 21; length < input.length; length++) {
      const { ending } = resync([input.subarray(0, length)]) as { ending: { kind: string } };
      expect(ending.kind).toMatch(length < 28 ? 'malformed' : 'truncated');
    }
    expect(resync([join(one, firstPart)])).toMatchObject({ ending: { kind: 'truncated', byteOffset: 12 } });
  });

  it('throws the pending error if no further record comes', () => {
    expect(resync([join(one, bytes('garbage and no more'))])).toEqual({
      records: ['one'],
      skipped: [],
      ending: { kind: 'malformed', byteOffset: 12, recordIndex: 1 },
    });
  });

  it('names the position of a record that is cut after a loss', () => {
    const input = join(bytes('xxxxxxxxx'), two).subarray(0, -1);
    expect(resync([input])).toMatchObject({ ending: { kind: 'truncated', byteOffset: 9, recordIndex: 1 } });
  });

  it('throws the exception of the callback', () => {
    const onResync = (): never => {
      throw new Error('enough');
    };
    const reader = new RecordIOReader({ onResync });
    reader.push(join(bytes('xxxxxxxxx'), one));
    expect(() => reader.read()).toThrow('enough');
  });

  it('finds all records except the damaged one, for any damage of its header', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.integer({ min: 1, max: 255 }), (at, xor) => {
        const damaged = Uint8Array.from(two);
        damaged[at]! ^= xor;
        const read = comparable(
          readAll(new RecordIOReader({ onResync: () => undefined }), [join(one, damaged, three)]),
        );
        expect(read).toEqual(comparable(readAll(new RecordIOReader(), [join(one, three)])));
      }),
    );
  });
});
