import { describe, expect, it } from '@jest/globals';
import { ShapeError, ValueError } from '../../src/base/errors.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { stack } from '../../src/arrays/stack.js';

const floats = (...values: number[]): NDArray<'float32'> =>
  ndarray('float32', [values.length], Float32Array.from(values));

describe('stack', () => {
  it('stacks arrays on a new first axis, in new memory', () => {
    const first = floats(1, 2);
    const stacked = stack([first, floats(3, 4)]);
    expect(stacked).toEqual(ndarray('float32', [2, 2], Float32Array.of(1, 2, 3, 4)));
    first.data[0] = 9;
    expect(stacked.data[0]).toBe(1);
  });

  it('keeps every dtype, including bytes and exact int64', () => {
    const big = 2n ** 62n + 1n;
    expect(stack([ndarray('int64', [], BigInt64Array.of(big))])).toEqual(ndarray('int64', [1], BigInt64Array.of(big)));
    const bytes = Uint8Array.of(1, 2);
    expect(stack([ndarray('bytes', [1], [bytes])])).toEqual(ndarray('bytes', [1, 1], [bytes]));
  });

  it('stacks the parts of objects and tuples, and collects other parts in arrays', () => {
    const batch = stack([
      { x: floats(1), id: 'a', pair: [floats(5), 1] as const },
      { x: floats(2), id: 'b', pair: [floats(6), 2] as const },
    ]);
    expect(batch).toEqual({
      x: ndarray('float32', [2, 1], Float32Array.of(1, 2)),
      id: ['a', 'b'],
      pair: [ndarray('float32', [2, 1], Float32Array.of(5, 6)), [1, 2]],
    });
  });

  it('does not change values without any NDArray', () => {
    expect(stack([{ id: 'a' }, { id: 'b' }])).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(stack([Uint8Array.of(1), Uint8Array.of(2, 3)])).toEqual([Uint8Array.of(1), Uint8Array.of(2, 3)]);
  });

  it('names the path and both shapes if they differ', () => {
    const attempt = (): unknown => stack([{ x: { y: floats(1, 2) } }, { x: { y: floats(1, 2, 3) } }]);
    expect(attempt).toThrow(ShapeError);
    expect(attempt).toThrow(expect.objectContaining({ path: 'x.y', expected: [2], found: [3] }));
  });

  it('rejects mixed dtypes, missing keys and sparse or ragged values, with the path', () => {
    const refused = (values: readonly unknown[], path: string): void => {
      expect(() => stack(values)).toThrow(ValueError);
      expect(() => stack(values)).toThrow(expect.objectContaining({ path }));
    };
    refused([{ x: floats(1) }, { x: ndarray('int32', [1], Int32Array.of(1)) }], 'x');
    refused([{ x: floats(1) }, { x: 1 }], 'x');
    refused([{ x: floats(1) }, {}], '');
    const indices = ndarray('int64', [1, 1], BigInt64Array.of(0n));
    refused([{ s: { indices, values: floats(1), denseShape: [3] } }], 's');
    refused([{ r: { values: floats(1), rowSplits: Int32Array.of(0, 1) } }], 'r');
  });

  it('handles keys that JavaScript treats in a special way', () => {
    const value = Object.fromEntries([['__proto__', floats(1)]]);
    const batch = stack([value, value]);
    expect(Object.keys(batch)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(batch)).toBe(Object.prototype);
  });

  it('has the batch’s type', () => {
    const batch = stack([{ x: floats(1), id: 'a' }]);
    const x: NDArray<'float32'> = batch.x;
    const ids: string[] = batch.id;
    const records: Uint8Array[] = stack([Uint8Array.of(1)]);
    expect([x.shape, ids, records.length]).toEqual([[1, 1], ['a'], 1]);
  });
});
