import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, of, take, tap, throwError } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { rebatch } from '../../operators/rebatch.js';
import { unbatch } from '../../operators/unbatch.js';
import { isFresh, trackFreshMemory } from '../../src/arrays/freshMemory.js';
import { ndarray, type DType, type NDArray, type RaggedArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';
import { pullSlowly } from '../support/slowConsumer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

interface Golden {
  readonly rebatch: readonly {
    readonly batches: readonly number[];
    readonly sizes: number | number[];
    readonly dropRemainder: boolean;
    readonly found: readonly (readonly number[])[];
  }[];
  readonly structure: {
    readonly x: readonly (readonly number[])[];
    readonly name: readonly string[];
    readonly tokens: readonly (readonly number[])[];
    readonly found: readonly {
      readonly x: readonly (readonly number[])[];
      readonly name: readonly string[];
      readonly values: readonly number[];
      readonly rowSplits: readonly number[];
    }[];
  };
}

const golden = fixtureJson('splits/cases.json') as Golden;
const newFolder = temporaryFolders();

const int64 = (values: readonly number[]): NDArray<'int64'> =>
  ndarray('int64', [values.length], BigInt64Array.from(values, BigInt));
const float32 = (rows: readonly (readonly number[])[]): NDArray<'float32'> =>
  ndarray('float32', [rows.length, 2], Float32Array.from(rows.flat()));
const bytes = (texts: readonly string[]): NDArray<'bytes'> =>
  ndarray(
    'bytes',
    [texts.length],
    texts.map((text) => Buffer.from(text)),
  );
const ragged = (rows: readonly (readonly number[])[]): RaggedArray<'int64'> => {
  const rowSplits = [0];
  for (const row of rows) rowSplits.push(rowSplits.at(-1)! + row.length);
  return { values: int64(rows.flat()), rowSplits: Int32Array.from(rowSplits) };
};

const cut = (lengths: readonly number[]): number[][] => {
  let next = 0;
  return lengths.map((length) => Array.from({ length }, () => next++));
};

describe('rebatch', () => {
  it.each(golden.rebatch)('makes the batches of tf.data for $batches, $sizes, $dropRemainder', (found) => {
    const batches = cut(found.batches);
    const operator = <B>() => rebatch<B>(found.sizes, { dropRemainder: found.dropRemainder });
    expect(notifications(fromIterable(batches).pipe(operator()))).toEqual([...found.found, 'complete']);
    const arrays = found.found.map(int64);
    expect(notifications(fromIterable(batches.map(int64)).pipe(operator()))).toEqual([...arrays, 'complete']);
  });

  it('makes the structures of tf.data, and keeps ragged arrays ragged', () => {
    const { x, name, tokens, found } = golden.structure;
    const partsOf = (from: number, to: number) => ({
      x: float32(x.slice(from, to)),
      name: bytes(name.slice(from, to)),
      tokens: ragged(tokens.slice(from, to)),
    });
    const batches = [partsOf(0, 3), partsOf(3, 6), partsOf(6, 7)];
    const expected = found.map(({ x, name, values, rowSplits }) => ({
      x: float32(x),
      name: bytes(name),
      tokens: { values: int64(values), rowSplits: Int32Array.from(rowSplits) },
    }));
    expect(notifications(fromIterable(batches).pipe(rebatch(2)))).toEqual([...expected, 'complete']);
  });

  it('emits the same as unbatch and batch, for structures in tuples and objects', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 9 }), fc.boolean(), (batches, size, dropRemainder) => {
        const items = cut(batches).map((numbers) => ({
          pair: [float32(numbers.map((value) => [value, -value])), bytes(numbers.map(String))] as const,
          id: numbers.map((value) => `id ${value}`),
          nested: { y: int64(numbers), rows: numbers.map((value) => [value]) },
        }));
        const expected = notifications(fromIterable(items).pipe(unbatch(), batch(size, { dropRemainder })));
        expect(notifications(fromIterable(items).pipe(rebatch(size, { dropRemainder })))).toEqual(expected);
      }),
    );
  });

  it('keeps every row of ragged arrays, in order, for any cut', () => {
    const rows = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(rows, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (batches, sizes) => {
          const seen = notifications(fromIterable(batches.map(ragged)).pipe(rebatch(sizes))).slice(0, -1);
          const all = batches.flat();
          const expected: RaggedArray<'int64'>[] = [];
          for (let at = 0, k = 0; at < all.length; at += sizes[k++ % sizes.length]!)
            expected.push(ragged(all.slice(at, at + sizes[k % sizes.length]!)));
          expect(seen).toEqual(expected);
        },
      ),
    );
  });

  it('emits a batch as soon as it has enough rows', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<string[]>('-x---y-z-|', { x: ['a', 'b', 'c'], y: ['d'], z: ['e'] });
      const subscribed = '          ^--------!';
      const expected = '            -v---w---(u|)';
      expectObservable(source.pipe(rebatch(2))).toBe(expected, { v: ['a', 'b'], w: ['c', 'd'], u: ['e'] });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('emits views on a batch that has all rows, and otherwise new memory', () => {
    trackFreshMemory();
    const whole = ndarray('uint8', [4, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const [first, second] = notifications(of(whole).pipe(rebatch(2))) as NDArray<'uint8'>[];
    expect([first, second].map((part) => part?.data.buffer === whole.data.buffer)).toEqual([true, true]);
    expect(isFresh(first!.data)).toBe(false);
    const [joined] = notifications(of(whole, whole).pipe(rebatch(6))) as NDArray<'uint8'>[];
    expect(isFresh(joined!.data)).toBe(true);
  });

  it.each(['float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'uint64', 'bool'] as DType[])(
    'joins arrays of %s',
    (dtype) => {
      const type = { int64: BigInt64Array, uint64: BigUint64Array }[dtype as string];
      const dataOf = (...values: number[]) => {
        if (type) return type.from(values.map(BigInt));
        const numbers = {
          float64: Float64Array,
          int8: Int8Array,
          int16: Int16Array,
          uint16: Uint16Array,
          int32: Int32Array,
          uint32: Uint32Array,
        }[dtype as string];
        return (numbers ?? Uint8Array).from(values);
      };
      const arrayOf = (...values: number[]) => ndarray(dtype, [values.length], dataOf(...values) as never);
      expect(notifications(of(arrayOf(0, 1), arrayOf(1)).pipe(rebatch(3)))).toEqual([arrayOf(0, 1, 1), 'complete']);
    },
  );

  it.each<[string, unknown, unknown, string, string, string]>([
    [
      'rows of another shape',
      { x: float32([[1, 2]]) },
      { x: ndarray('float32', [1, 3], new Float32Array(3)) },
      'ShapeError',
      'x',
      'rebatch: x: a batch has float32 rows of shape [3], but an earlier batch has float32 rows of shape [2]. Use map()',
    ],
    [
      'another dtype',
      { x: float32([[1, 2]]) },
      { x: int64([1]) },
      'ValueError',
      'x',
      'rebatch: x: a batch has int64 rows of shape [], but an earlier batch has float32 rows of shape [2].',
    ],
    [
      'another part',
      { x: int64([1]) },
      { y: int64([1]) },
      'ValueError',
      '',
      'rebatch: a batch has the parts y, but an earlier batch has the parts x.',
    ],
    [
      'a tuple instead of an object',
      { 0: int64([1]) },
      [int64([1])],
      'ValueError',
      '',
      'a batch has the tuple parts 0, but an earlier batch has the parts 0',
    ],
    [
      'a plain array instead of an array',
      int64([1]),
      ['a'],
      'ValueError',
      '',
      'a batch has a plain array, but an earlier batch has int64 rows of shape []',
    ],
    [
      'a plain array instead of a ragged one',
      { x: ragged([[1]]) },
      { x: ['a'] },
      'ValueError',
      'x',
      'an earlier batch has the parts rowSplits, values',
    ],
    [
      'ragged rows of another shape',
      ragged([[1]]),
      { values: ndarray('int64', [1, 2], new BigInt64Array(2)), rowSplits: Int32Array.of(0, 1) },
      'ShapeError',
      'values',
      'values: a batch has int64 rows of shape [2]',
    ],
    [
      'parts of unequal length',
      { x: int64([1]) },
      { x: int64([1, 2]), id: ['a'] },
      'ShapeError',
      'id',
      'rebatch: x has 2 items, but id has 1.',
    ],
    [
      'a scalar',
      int64([1]),
      ndarray('int64', [], BigInt64Array.of(1n)),
      'ValueError',
      '',
      'rebatch: the item is not a batch',
    ],
    [
      'rows that do not match the splits',
      ragged([[1]]),
      { values: int64([1]), rowSplits: Int32Array.of(0, 2) },
      'ValueError',
      '',
      'rebatch: rowSplits: expected ascending numbers',
    ],
  ])('notifies %s', (_name, first, second, name, path, message) => {
    expect(notifications(of(first, second).pipe(rebatch(2)))).toEqual([
      expect.objectContaining({ name, path, message: expect.stringContaining(message) as unknown }),
    ]);
  });

  it('drops an incomplete batch if its source fails, after the complete batches', () => {
    const failing = concat(
      of(['a', 'b', 'c', 'd', 'e']),
      throwError(() => 'source'),
    );
    const consumer = consumeByHand(failing.pipe(rebatch(2)), { onItem: (_item, gate) => gate.close() });
    for (let i = 0; i < 3; i++) consumer.gate.open();
    expect([consumer.items, consumer.ending()]).toEqual([
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      'source',
    ]);
  });

  it('emits one batch at a time on demand, and requests an input batch when it needs one', () => {
    const { numbers, made } = countedNumbers(9);
    const consumer = consumeByHand(fromIterable(numbers).pipe(batch(3), rebatch(2)), {
      onItem: (_item, gate) => gate.close(),
    });
    for (const [items, count] of [
      [[[0, 1]], 3],
      [
        [
          [0, 1],
          [2, 3],
        ],
        6,
      ],
      [
        [
          [0, 1],
          [2, 3],
          [4, 5],
        ],
        6,
      ],
      [
        [
          [0, 1],
          [2, 3],
          [4, 5],
          [6, 7],
        ],
        9,
      ],
    ] as const) {
      consumer.gate.open();
      expect(consumer.items).toEqual(items);
      expect(made()).toBe(count);
    }
  });

  it('stops a synchronous source', () => {
    expect(
      notifications(
        fromIterable([
          [1, 2],
          [3, 4],
          [5, 6],
        ]).pipe(rebatch(3), take(1)),
      ),
    ).toEqual([[1, 2, 3], 'complete']);
  });

  it('holds the input batches of one batch while a slow consumer takes it from a FIFO', async () => {
    const text = Buffer.from(Array.from({ length: 30_000 }, (_, line) => `${line}\n`).join(''));
    let decoded = 0;
    let taken = 0;
    const ahead: number[] = [];
    await pullSlowly(
      { path: join(newFolder(), 'fifo'), bytes: text, steps: 20 },
      (bytes$) =>
        bytes$.pipe(
          decodeTextLine({ encoding: 'utf8' }),
          tap(() => decoded++),
          batch(8),
          rebatch(5),
        ),
      (lines) => {
        taken += lines.length;
        ahead.push(decoded - taken);
      },
    );
    expect(Math.max(...ahead)).toBe(7);
    expect(ahead).toHaveLength(20);
  });

  it.each<[string, unknown, object, string]>([
    ['0', 0, {}, 'rebatch: batchSize: expected a positive integer'],
    ['no sizes', [], {}, 'batchSize: expected an array of at least 1 element'],
    ['a size of 0 in a list', [2, 0], {}, 'batchSize[1]: expected a positive integer, found 0'],
    ['an option with the name of the argument', 0, { batchSize: 3 }, 'batchSize'],
    ['another option', 2, { drop: true }, 'unknown key "drop"'],
  ])('throws at the call for %s', (_name, batchSize, options, message) => {
    expect(() => rebatch(batchSize as number, options)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) as unknown }),
    );
  });
});
