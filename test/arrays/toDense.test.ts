import fc from 'fast-check';
import { ShapeError, ValueError } from '../../src/base/errors.js';
import { isFresh, trackFreshMemory } from '../../src/arrays/freshMemory.js';
import {
  isNDArray,
  ndarray,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
} from '../../src/arrays/ndarray.js';
import { toDense } from '../../src/arrays/toDense.js';
import type { PaddingValue } from '../../src/arrays/padToShape.js';
import { fixtureJson, fromBase64 } from '../formats/support/fixtures.js';
import { arrayOfGolden, goldenArray, type GoldenArray } from '../formats/support/goldenValue.js';
import { thrownBy } from '../formats/support/thrownBy.js';

type Ragged = RaggedArray | NestedRaggedArray;

interface Case {
  readonly splits: readonly (readonly number[])[];
  readonly values: GoldenArray;
  readonly shape: readonly (number | null)[] | null;
  readonly defaultValue: number | string;
  readonly expected: GoldenArray;
}

const cases = fixtureJson('values/raggeds.json') as Case[];

function nested(values: NDArray, splits: readonly (readonly number[])[]): Ragged {
  return splits
    .toReversed()
    .reduce<NDArray | Ragged>(
      (part, ends) => ({ values: part, rowSplits: Int32Array.from(ends) }) as Ragged,
      values,
    ) as Ragged;
}

/** Returns the rows as lists of numbers. */
function listsOf({ values, rowSplits }: Ragged): unknown[] {
  const items: unknown[] = isNDArray(values) ? Array.from(values.data as Int32Array) : listsOf(values);
  return Array.from(rowSplits.slice(1), (end, row) => items.slice(rowSplits[row], end));
}

/** Returns the elements of nested lists of this shape, padded with -1. */
function padded(list: unknown, [length = 0, ...inner]: readonly number[]): unknown[] {
  return Array.from({ length }, (_, at) => {
    const part = (list as unknown[] | undefined)?.[at];
    return inner.length > 0 ? padded(part, inner) : [part ?? -1];
  }).flat();
}

const splitsOf = (lengths: readonly number[]) =>
  lengths.reduce((ends, length) => [...ends, ends.at(-1)! + length], [0]);
const two: Ragged = nested(ndarray('int32', [3], Int32Array.of(1, 2, 3)), [[0, 2, 3]]);

describe('toDense', () => {
  it.each(cases)('converts as TensorFlow does: $values.dtype $values.shape, $splits, $shape', (golden) => {
    const { dtype } = golden.values;
    const options = {
      defaultValue:
        dtype === 'bytes' ? fromBase64(golden.defaultValue as string) : (golden.defaultValue as PaddingValue),
      shape: golden.shape ?? undefined,
    };
    expect(goldenArray(toDense(nested(arrayOfGolden(golden.values), golden.splits), options))).toEqual(golden.expected);
  });

  it('equals padded lists', () => {
    const lengths = fc.array(fc.nat(4), { maxLength: 5 });
    fc.assert(
      fc.property(
        lengths,
        fc.array(fc.nat(4), { minLength: 30, maxLength: 30 }),
        fc.boolean(),
        (outer, more, isDeep) => {
          const splits = [splitsOf(outer)];
          if (isDeep) splits.push(splitsOf(more.slice(0, splits[0]!.at(-1))));
          const count = splits.at(-1)!.at(-1)!;
          const ragged = nested(
            ndarray(
              'int32',
              [count],
              Int32Array.from({ length: count }, (_, at) => at),
            ),
            splits,
          );
          const dense = toDense(ragged, { defaultValue: -1 });
          expect(Array.from(dense.data as Int32Array)).toEqual(padded(listsOf(ragged), dense.shape));
          expect(toDense(ragged, { shape: dense.shape, defaultValue: -1 })).toEqual(dense);
        },
      ),
    );
  });

  it('keeps the bits of a NaN, and returns fresh memory', () => {
    trackFreshMemory();
    const nan = new Float32Array(Uint32Array.of(0x7fa00001).buffer);
    const { data } = toDense(nested(ndarray('float32', [1], nan), [[0, 1]]));
    expect(new Uint32Array((data as Float32Array).buffer)).toEqual(Uint32Array.of(0x7fa00001));
    expect(isFresh(data as Float32Array)).toBe(true);
    nan[0] = 1;
    expect(data[0]).toBeNaN();
  });

  it('refuses a shape that does not fit', () => {
    const matrix = nested(ndarray('int32', [1, 2], Int32Array.of(1, 2)), [[0, 1]]);
    const error = thrownBy(ShapeError, () => toDense(matrix, { shape: [null, null, 3] }));
    expect(error.message).toBe('toDense: expected rows that fit into shape [1, 1, 3], found shape [1, 1, 2].');
    expect(error).toMatchObject({ expected: [1, 1, 3], found: [1, 1, 2] });
    expect(() => toDense(two, { shape: [2] })).toThrow(ShapeError);
    expect(() => toDense(two, { shape: [2 ** 16, 2 ** 16] })).toThrow(ShapeError);
  });

  it.each([
    ['an NDArray', ndarray('int32', [1], Int32Array.of(1)), 'expected a ragged array, found an NDArray of dtype int32'],
    ['a sparse array', { ...two, rowSplits: undefined, denseShape: [3] }, 'found a sparse array. Use toDenseSparse()'],
    ['nothing', undefined, 'expected a ragged array, found nothing'],
    [
      'row splits of other values',
      { ...two, rowSplits: Int32Array.of(0, 4) },
      'rowSplits: expected ascending numbers from 0 to 3',
    ],
    ['falling row splits', { ...two, rowSplits: Int32Array.of(0, 3, 2, 3) }, 'rowSplits: expected ascending numbers'],
    ['no row splits', { ...two, rowSplits: new Int32Array(0) }, 'rowSplits: expected ascending numbers'],
    ['a list', { values: [1], rowSplits: Int32Array.of(0, 1) }, 'expected a ragged array'],
  ])('refuses %s', (_, value, message) => {
    const error = thrownBy(ValueError, () => toDense(value as RaggedArray));
    expect(error.message).toContain(message);
  });

  it('refuses a default value that the dtype lacks', () => {
    expect(() => toDense(two, { defaultValue: 1.5 })).toThrow('of dtype int32 cannot be padded with 1.5');
  });
});
