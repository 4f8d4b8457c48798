import fc from 'fast-check';
import { bytesType } from '../../../src/formats/protobuf/bytesValues.js';
import { ExampleIndex } from '../../../src/formats/example/exampleIndex.js';
import { float32Type } from '../../../src/formats/protobuf/floatValues.js';
import { int64Type } from '../../../src/formats/protobuf/int64Values.js';
import { bytesFeature, entry, example, field, floatFeature, int64Feature } from '../support/wire.js';
import { runs } from '../../support/runs.js';

const SOURCES = [
  { name: 'image', key: 0, type: bytesType },
  { name: 'label', key: 1, type: int64Type },
  { name: 'x', key: 2, type: float32Type },
];

/** Returns the position of each feature of a row, or the error. */
function placesOf(records: readonly Uint8Array[], row: number): readonly unknown[] {
  const index = new ExampleIndex(SOURCES.map(({ name }) => name));
  try {
    // Messages contain the number of the row.
    index.build(records, -row);
    return SOURCES.map((source) => [index.seek(source, row), index.wire.position]);
  } catch (error) {
    return [(error as Error).message];
  }
}

const record = example(
  entry('image', bytesFeature(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))),
  entry('name', bytesFeature(Buffer.from('nobody asks for this'))),
  entry('label', int64Feature(3n)),
  field(3, [9, 9]),
  entry('x', floatFeature(1, 2)),
  entry('label', int64Feature(4n)),
);

const change = fc.record({ at: fc.nat(record.length - 1), byte: fc.nat(255) });

describe('ExampleIndex', () => {
  it('finds the same in a record after a similar one as in that record alone', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
        const changed = Uint8Array.from(record);
        for (const { at, byte } of changes) changed[at] = byte;
        expect(placesOf([record, changed], 1)).toEqual(placesOf([changed], 0));
      }),
      { numRuns: runs(3000) },
    );
  });

  it('finds it with every single bit flipped', () => {
    for (let bit = 0; bit < record.length * 8; bit++) {
      const flipped = Uint8Array.from(record);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(placesOf([record, flipped], 1)).toEqual(placesOf([flipped], 0));
    }
  });

  it('takes the places of one record for another that differs in its values alone', () => {
    const other = Uint8Array.from(record);
    other.fill(0xee, Buffer.from(record).indexOf(Buffer.of(1, 2, 3, 4)), Buffer.from(record).indexOf(Buffer.of(7, 8)));
    expect(placesOf([record, other, record], 2)).toEqual(placesOf([record], 0));
    expect(placesOf([record, other], 1)).toEqual(placesOf([record], 0));
  });
});
