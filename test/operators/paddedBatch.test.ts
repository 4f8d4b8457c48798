import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { of, type Observable } from 'rxjs';
import { paddedBatch, type PaddedBatchOptions } from '../../operators/paddedBatch.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

const row = (...values: number[]): NDArray<'int32'> => ndarray('int32', [values.length], Int32Array.from(values));
const batched = (items: readonly unknown[], options?: PaddedBatchOptions): unknown =>
  notifications(fromIterable(items).pipe(paddedBatch(items.length, options)))[0];

describe('paddedBatch', () => {
  it('pads to the longest of each batch, and emits the remainder at the end', () => {
    const arrays = { a: row(1), b: row(2, 2), c: row(3, 3, 3) };
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<NDArray<'int32'>>('-a-b-c-|', arrays);
      const subscribed = '                  ^------!';
      const expected = '                    ---x---(y|)';
      const result: Observable<NDArray<'int32'>> = source.pipe(paddedBatch(2));
      expectObservable(result).toBe(expected, {
        x: ndarray('int32', [2, 2], Int32Array.of(1, 0, 2, 2)),
        y: ndarray('int32', [1, 3], Int32Array.of(3, 3, 3)),
      });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('drops the remainder with dropRemainder', () => {
    expect(notifications(of(row(1), row(2), row(3)).pipe(paddedBatch(2, { dropRemainder: true })))).toHaveLength(2);
  });

  // The first example of tf.data.Dataset.padded_batch: range(1, 5) with x copies of x.
  const filled = [1, 2, 3, 4].map((n) => row(...Array.from({ length: n }, () => n)));

  it('pads to given shapes, with given values, as TensorFlow’s documentation shows', () => {
    const padded: Observable<NDArray<'int32'>> = fromIterable(filled).pipe(
      paddedBatch(2, { paddedShapes: [5], paddingValues: -1 }),
    );
    expect(notifications(padded)).toEqual([
      ndarray('int32', [2, 5], Int32Array.of(1, -1, -1, -1, -1, 2, 2, -1, -1, -1)),
      ndarray('int32', [2, 5], Int32Array.of(3, 3, 3, -1, -1, 4, 4, 4, 4, -1)),
      'complete',
    ]);
  });

  it('pads the parts of tuples and objects by index and name, and batches other parts', () => {
    const items = [
      { pair: [row(1), row(7, 7)], id: 'a' },
      { pair: [row(2, 2), row(8)], id: 'b' },
    ];
    expect(batched(items, { paddedShapes: { pair: [[3], [null]] }, paddingValues: { pair: [-1, 100] } })).toEqual({
      pair: [
        ndarray('int32', [2, 3], Int32Array.of(1, -1, -1, 2, 2, -1)),
        ndarray('int32', [2, 2], Int32Array.of(7, 7, 8, 100)),
      ],
      id: ['a', 'b'],
    });
    const oneForAll = batched(items, { paddingValues: -1 }) as { pair: NDArray<'int32'>[] };
    expect(oneForAll.pair.map(({ data }) => [...data])).toEqual([
      [1, -1, 2, 2],
      [7, 7, 8, -1],
    ]);
  });

  it('puts arrays of any rank at the start of each dimension', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(lengths, { minLength: 1, maxLength: 4 }), (shapes) => {
        const items = shapes.map((shape, n) => {
          const size = shape.reduce((product, length) => product * length, 1);
          return ndarray(
            'float32',
            shape,
            Float32Array.from({ length: size }, (_, i) => n * 100 + i + 1),
          );
        });
        const result = batched(items, { paddingValues: -1 }) as NDArray<'float32'>;
        const longest = [0, 1, 2].map((axis) => Math.max(...shapes.map((shape) => shape[axis]!)));
        expect(result.shape).toEqual([shapes.length, ...longest]);
        const [depth, height, width] = longest as [number, number, number];
        const expected: number[] = [];
        shapes.forEach(([d, h, w], n) => {
          for (let z = 0; z < depth; z++)
            for (let y = 0; y < height; y++)
              for (let x = 0; x < width; x++) {
                const isInside = z < d! && y < h! && x < w!;
                expected.push(isInside ? n * 100 + (z * h! + y) * w! + x + 1 : -1);
              }
        });
        expect([...result.data]).toEqual(expected);
      }),
    );
  });

  it('does not pad scalars, and pads every dtype with its own type of value', () => {
    const scalar = ndarray('int64', [], BigInt64Array.of(7n));
    expect(batched([scalar, scalar])).toEqual(ndarray('int64', [2], BigInt64Array.of(7n, 7n)));
    const long = (...values: bigint[]): NDArray => ndarray('int64', [values.length], BigInt64Array.from(values));
    for (const paddingValues of [-1, -1n]) {
      expect(batched([long(1n), long()], { paddingValues })).toEqual(
        ndarray('int64', [2, 1], BigInt64Array.of(1n, -1n)),
      );
    }
    const [word, pad] = [Uint8Array.of(97), Uint8Array.of(0)];
    const words = [ndarray('bytes', [1], [word]), ndarray('bytes', [2], [word, word])];
    expect(batched(words, { paddingValues: pad })).toEqual(ndarray('bytes', [2, 2], [word, pad, word, word]));
    expect(batched(words)).toEqual(ndarray('bytes', [2, 2], [word, new Uint8Array(0), word, word]));
    const floats = [ndarray('float32', [1], Float32Array.of(1)), ndarray('float32', [0], new Float32Array(0))];
    expect(batched(floats, { paddingValues: -Infinity })).toMatchObject({ data: Float32Array.of(1, -Infinity) });
  });

  it.each([
    ['an array that is longer than its shape', [row(1, 2)], { paddedShapes: [1] }, 'ShapeError'],
    ['arrays of unequal rank', [row(1), ndarray('int32', [1, 1], Int32Array.of(1))], {}, 'ShapeError'],
    ['a shape of another rank', [row(1)], { paddedShapes: [1, 1] }, 'ShapeError'],
    ['a part that items do not have', [{ x: row(1) }], { paddedShapes: { y: [1] } }, 'ValueError'],
    ['one shape for items of parts', [{ x: row(1) }], { paddedShapes: [1] }, 'ValueError'],
    ['a value of a part that items do not have', [{ x: row(1) }], { paddingValues: { y: 1 } }, 'ValueError'],
    ['a value that the dtype cannot hold', [row(1), row(1, 2)], { paddingValues: 0.5 }, 'ValueError'],
    [
      'a number for bytes',
      [ndarray('bytes', [0], []), ndarray('bytes', [1], [Uint8Array.of(1)])],
      { paddingValues: 1 },
      'ValueError',
    ],
    [
      'a fraction for int64',
      [ndarray('int64', [0], new BigInt64Array(0)), ndarray('int64', [1], new BigInt64Array(1))],
      { paddingValues: 0.5 },
      'ValueError',
    ],
    ['dtypes that differ', [row(1), ndarray('uint8', [1], Uint8Array.of(1))], {}, 'ValueError'],
  ] as const)('notifies %s', (_, items, options, name) => {
    expect(batched(items, options)).toMatchObject({
      name,
      path: expect.any(String),
      message: expect.stringMatching(/\w/),
    });
  });

  it.each([
    [{ x: row(1) }, { x: row(1, 2), b: row(1) }, 'b'],
    [{ pair: [row(1)] }, { pair: [row(1, 2), row(1)] }, 'pair[1]'],
  ])('notifies a part that only one item has, in both orders', (without, having, path) => {
    const error = { name: 'ValueError', path, message: expect.stringMatching(/^paddedBatch: element \d has no /) };
    expect(batched([without, having])).toMatchObject(error);
    expect(batched([having, without])).toMatchObject(error);
  });

  const floats = [1, 2].map((length) => ndarray('float32', [length], new Float32Array(length)));
  it.each([1e300, -1e300, 2n ** 2000n])('notifies a value that is infinite in the dtype: %s', (paddingValues) => {
    expect(batched(floats, { paddingValues })).toMatchObject({
      name: 'ValueError',
      message: expect.stringContaining('cannot be padded'),
    });
  });

  it('rounds a value to the dtype, and accepts NaN and a length of 0', () => {
    const padding = (paddingValues: number) => (batched(floats, { paddingValues }) as NDArray<'float32'>).data[1];
    expect([0.1, NaN, Infinity].map(padding)).toEqual([Math.fround(0.1), NaN, Infinity]);
    expect(batched([ndarray('int32', [0, 1], new Int32Array(0))], { paddedShapes: [0, 2], paddingValues: 1 })).toEqual(
      ndarray('int32', [1, 0, 2], new Int32Array(0)),
    );
  });

  it.each([[[2 ** 40]], [[65_536]]])('notifies a padded shape that is too large: %j', (lengths) => {
    const items = [ndarray('uint8', [1, 1], Uint8Array.of(1))];
    const paddedShapes = [lengths[0]!, lengths[0]!];
    expect(batched(items, { paddedShapes })).toMatchObject({
      name: 'ShapeError',
      message: expect.stringContaining('at most 2^31 - 1 elements'),
    });
  });

  it('emits the remainder only when the gate is open', () => {
    const consumer = consumeByHand(of(row(1)).pipe(paddedBatch(2)));
    expect([consumer.items.length, consumer.gate.waiting]).toEqual([0, 1]);
    consumer.gate.open();
    expect([consumer.items.length, consumer.ending()]).toEqual([1, 'complete']);
  });

  it('throws at the call for bad arguments', () => {
    expect(() => paddedBatch(0)).toThrow(expect.objectContaining({ path: 'size' }));
    const bad = (options: unknown) => () => paddedBatch(1, options as PaddedBatchOptions);
    expect(bad({ paddedShapes: [-1] })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', path: 'paddedShapes[0]' }),
    );
    expect(bad({ paddingValues: 'x' })).toThrow(/paddingValues/);
    expect(bad({ other: 1 })).toThrow(/other/);
  });

  it('pads more elements than a call accepts arguments', () => {
    const many = (length: number) => ndarray('bytes', [length], new Array<Uint8Array>(length).fill(Uint8Array.of(7)));
    const padded = batched([many(200_000), many(199_999)]) as ReturnType<typeof many>;
    expect(padded.shape).toEqual([2, 200_000]);
    expect(padded.data[399_998]).toEqual(Uint8Array.of(7));
    expect(padded.data[399_999]).toEqual(new Uint8Array(0));
  });
});
