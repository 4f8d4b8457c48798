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
    refused([{ x: floats(1) }, {}], 'x');
    const indices = ndarray('int64', [1, 1], BigInt64Array.of(0n));
    refused([{ s: { indices, values: floats(1), denseShape: [3] } }], 's');
    refused([{ r: { values: floats(1), rowSplits: Int32Array.of(0, 1) } }], 'r');
  });

  const x = floats(1);
  it.each([
    ['a key', { x }, { x, b: x }, 'no b', 'b'],
    ['a key of a plain value', { x }, { x, id: 'a' }, 'no id', 'id'],
    ['a nested key', { in: { x } }, { in: { x, b: x } }, 'no in.b', 'in.b'],
    ['an element of a tuple', [x], [x, x], 'no [1]', '[1]'],
    ['an element of a nested tuple', { pair: [x] }, { pair: [x, x] }, 'no pair[1]', 'pair[1]'],
  ])('rejects values of which only one has %s, in both orders', (_what, without, having, found, path) => {
    const attempt = (values: readonly unknown[]) => () => stack(values);
    const remedy = 'Use map() to give all elements the same parts.';
    const error = (message: string): object => expect.objectContaining({ name: 'ValueError', path, message });
    expect(attempt([without, having])).toThrow(error(`stack: element 0 has ${found}, but element 1 has it. ${remedy}`));
    expect(attempt([having, without])).toThrow(error(`stack: element 1 has ${found}, but element 0 has it. ${remedy}`));
  });

  it.each([
    [[x], { 0: x }, 'an array of length 1', 'an object'],
    [{ x }, x, 'an object', 'an NDArray'],
    [{ x }, Uint8Array.of(1), 'an object', 'a Uint8Array of length 1'],
    [{ x }, null, 'an object', 'null'],
  ])('rejects a tuple, an object and other values in one place, and names both', (first, second, has, is) => {
    const message = `is ${is}, but element 0 has ${has}.`;
    expect(() => stack<unknown>([first, second])).toThrow(`stack: element 1 ${message}`);
    expect(() => stack<unknown>([{ in: first }, { in: second }])).toThrow(`stack: element 1 at in ${message}`);
  });

  it.each([
    [[], [x]],
    [{}, { x }],
    [{ id: 1 }, { id: 1, x }],
    [null, x],
    [undefined, { x }],
  ])('rejects an NDArray behind a value without one: %j, %j', (first, second) => {
    const message = 'has an NDArray, but element 0 has no NDArray. Use map() to give all elements the same parts.';
    expect(() => stack<unknown>([first, first, second])).toThrow(`stack: element 2 ${message}`);
    expect(() =>
      stack([
        { x, in: first },
        { x, in: second },
      ]),
    ).toThrow(`stack: element 1 at in ${message}`);
    expect(() => stack<unknown>([second, first])).toThrow(ValueError);
  });

  it('names itself and the whole element in messages', () => {
    expect(() => stack([floats(1), floats(1, 2)])).toThrow(
      'stack: element 1 has shape [2], but element 0 has shape [1]. Make the shapes equal first.',
    );
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
