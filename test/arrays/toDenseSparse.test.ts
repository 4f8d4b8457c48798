import fc from 'fast-check';
import { ShapeError, ValueError } from '../../src/base/errors.js';
import { ndarray, type SparseArray } from '../../src/arrays/ndarray.js';
import { toDenseSparse } from '../../src/arrays/toDenseSparse.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { arrayOfGolden, goldenArray, type GoldenArray } from '../formats/support/goldenValue.js';
import { thrownBy } from '../formats/support/thrownBy.js';

interface Case {
  readonly indices: readonly (readonly number[])[];
  readonly values: GoldenArray;
  readonly denseShape: readonly number[];
  readonly options: { readonly defaultValue?: number; readonly validateIndices?: boolean };
  readonly expected: { readonly ok?: GoldenArray; readonly error?: string };
}

const cases = fixtureJson('values/sparses.json') as Case[];

function sparse(indices: readonly (readonly number[])[], values: number[], denseShape: readonly number[]): SparseArray {
  const flat = BigInt64Array.from(indices.flat(), BigInt);
  return {
    indices: ndarray('int64', [indices.length, denseShape.length], flat),
    values: ndarray('int32', [values.length], Int32Array.from(values)),
    denseShape,
  };
}

describe('toDenseSparse', () => {
  it.each(cases)('converts as TensorFlow does: $indices in $denseShape, $options', (golden) => {
    const { indices, denseShape, options, expected } = golden;
    const array = { ...sparse(indices, [], denseShape), values: arrayOfGolden(golden.values) } as SparseArray;
    if (expected.ok) expect(goldenArray(toDenseSparse(array, options))).toEqual(expected.ok);
    else expect(() => toDenseSparse(array, options)).toThrow(ValueError);
  });

  it('stores each value at its index', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(shapes, fc.array(fc.nat(63)), fc.boolean(), (shape, places, isSorted) => {
        const size = shape.reduce((product, length) => product * length, 1);
        const expected = new Map(places.map((place, at) => [place % size, at + 1]));
        const order = [...expected].sort(([a], [b]) => (isSorted ? a - b : b - a));
        const indices = order.map(([place]) => {
          let rest = place;
          return shape
            .toReversed()
            .map((length) => [rest % length, (rest = Math.floor(rest / length))][0]!)
            .reverse();
        });
        const values = order.map(([, value]) => value);
        const { data } = toDenseSparse(sparse(indices, values, shape), { validateIndices: isSorted, defaultValue: -7 });
        expect(Array.from(data as Int32Array)).toEqual(Array.from({ length: size }, (_, at) => expected.get(at) ?? -7));
      }),
    );
  });

  it('names the bad index', () => {
    const outside = sparse(
      [
        [0, 1],
        [1, 2],
      ],
      [1, 2],
      [2, 2],
    );
    expect(thrownBy(ValueError, () => toDenseSparse(outside)).message).toBe(
      'toDenseSparse: indices[1]: expected an index inside of shape [2, 2], found [1, 2].',
    );
    const falling = sparse([[1], [0]], [1, 2], [2]);
    expect(thrownBy(ValueError, () => toDenseSparse(falling)).message).toBe(
      'toDenseSparse: indices[1]: expected an index greater than the previous one, because validateIndices is true, found [0].',
    );
  });

  it('refuses parts that do not match', () => {
    const two = sparse([[0], [1]], [1, 2], [2]);
    const message = 'indices: expected shape [1, 1] (1 values of an array of shape [2]), found [2, 1]';
    expect(
      thrownBy(ShapeError, () => toDenseSparse({ ...two, values: sparse([], [1], [1]).values })).message,
    ).toContain(message);
    expect(() => toDenseSparse({ ...two, denseShape: [2, 2] })).toThrow(ShapeError);
    expect(() => toDenseSparse(sparse([], [], [2 ** 31]))).toThrow(ShapeError);
    expect(() => toDenseSparse(two.values as never)).toThrow('expected a sparse array, found');
    expect(() => toDenseSparse(undefined as never)).toThrow(ValueError);
    const ragged = { values: two.values, rowSplits: Int32Array.of(0, 2) };
    expect(() => toDenseSparse(ragged as never)).toThrow('found a ragged array. Use toDense().');
  });
});
