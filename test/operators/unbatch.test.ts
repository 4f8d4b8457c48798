import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, map, of, tap, throwError, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { parseExample } from '../../operators/parseExample.js';
import { parseSingleExample } from '../../operators/parseSingleExample.js';
import { unbatch } from '../../operators/unbatch.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { fixedLenFeature, raggedFeature, varLenFeature } from '../../src/formats/example/features.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';
import { pullSlowly } from '../support/slowConsumer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const pixels = (...values: number[]): NDArray<'uint8'> => ndarray('uint8', [values.length], Uint8Array.from(values));

describe('unbatch', () => {
  it('emits the items of each batch when it arrives', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<string[]>('-x---y-z-|', { x: ['a', 'b'], y: ['c'], z: [] });
      const subscribed = '          ^--------!';
      const expected = '            -(ab)c---|';
      expectObservable(source.pipe(unbatch())).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('is the inverse of batch, for single arrays, objects and tuples with arrays and other parts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(255), { maxLength: 12 }), (size, values) => {
        const items = values.map((value) => ({
          x: pixels(value, 1),
          pair: [pixels(value), ndarray('int64', [], BigInt64Array.of(BigInt(value)))] as const,
          name: ndarray('bytes', [], [Uint8Array.of(value)]),
          id: String(value),
        }));
        expect(notifications(fromIterable(items).pipe(batch(size), unbatch()))).toEqual([...items, 'complete']);
        const arrays = items.map(({ x }) => x);
        expect(notifications(fromIterable(arrays).pipe(batch(size), unbatch()))).toEqual([...arrays, 'complete']);
      }),
    );
  });

  it('emits the records of parseExample like parseSingleExample', () => {
    const features = { label: fixedLenFeature([], 'int64'), tokens: raggedFeature('int64') };
    const records = [[1n, 2n], [], [3n]].map((tokens, index) =>
      encodeExample({ label: { int64List: [index] }, tokens: { int64List: tokens } }),
    );
    const singles = notifications(fromIterable(records).pipe(parseSingleExample(features)));
    const unbatched: Observable<{ label: NDArray<'int64'>; tokens: NDArray<'int64'> }> = fromIterable(records).pipe(
      batch(3),
      parseExample(features),
      unbatch(),
    );
    expect(notifications(unbatched)).toEqual(singles);
  });

  it('emits views on the batch', () => {
    const whole = ndarray('uint8', [2, 2], Uint8Array.of(1, 2, 3, 4));
    const [, second] = notifications(of(whole).pipe(unbatch())) as NDArray<'uint8'>[];
    expect(second?.data.buffer).toBe(whole.data.buffer);
  });

  it.each([
    ['parts of unequal length', { x: pixels(1, 2), id: ['a'] }, 'ShapeError', 'id'],
    ['a scalar', { x: ndarray('uint8', [], Uint8Array.of(1)) }, 'ValueError', 'x'],
    ['a number', { x: [pixels(1), 7] }, 'ValueError', 'x[1]'],
    ['a record', Uint8Array.of(1), 'ValueError', ''],
    ['an object without parts', {}, 'ValueError', ''],
    [
      'a sparse value',
      { s: { indices: ndarray('int64', [0, 2], new BigInt64Array(0)), values: pixels(), denseShape: [1, 1] } },
      'ValueError',
      's',
    ],
  ])('notifies %s, after the earlier items', (_, bad, name, path) => {
    const seen = notifications(of<unknown[]>(['a'], bad as unknown[]).pipe(unbatch()));
    expect(seen).toEqual(['a', expect.objectContaining({ name, path })]);
  });

  it('rejects a sparse feature of parseExample', () => {
    const record = encodeExample({ tags: { int64List: [1] } });
    const [error] = notifications(of([record]).pipe(parseExample({ tags: varLenFeature('int64') }), unbatch()));
    expect(error).toMatchObject({
      name: 'ValueError',
      path: 'tags',
      message: expect.stringContaining('make it dense with toDenseSparse() in a map() before unbatch()'),
    });
  });

  it('emits one item at a time on demand, and requests a batch when it has none', () => {
    const { numbers, made } = countedNumbers(9);
    const consumer = consumeByHand(fromIterable(numbers).pipe(batch(3), unbatch()), {
      onItem: (_item, gate) => gate.close(),
    });
    for (const [items, count] of [
      [[0], 3],
      [[0, 1], 3],
      [[0, 1, 2], 3],
      [[0, 1, 2, 3], 6],
    ] as const) {
      consumer.gate.open();
      expect(consumer.items).toEqual(items);
      expect(made()).toBe(count);
    }
  });

  it('emits the items before its source’s error', () => {
    const failing = concat(
      of([1, 2]),
      throwError(() => 'source'),
    );
    const consumer = consumeByHand(failing.pipe(unbatch()), { onItem: (_item, gate) => gate.close() });
    for (let i = 0; i < 3; i++) consumer.gate.open();
    expect([consumer.items, consumer.ending()]).toEqual([[1, 2], 'source']);
  });

  it('holds one batch while a slow consumer takes it from a FIFO', async () => {
    const bytes = Buffer.from(Array.from({ length: 30_000 }, (_, line) => `${line}\n`).join(''));
    let decoded = 0;
    let taken = 0;
    const ahead: number[] = [];
    await pullSlowly(
      { path: join(newFolder(), 'fifo'), bytes, steps: 20 },
      (bytes$) =>
        bytes$.pipe(
          decodeTextLine({ encoding: 'utf8' }),
          tap(() => decoded++),
          batch(8),
          map((lines) => lines),
          unbatch(),
        ),
      () => ahead.push(decoded - ++taken),
    );
    expect(Math.max(...ahead)).toBe(7);
    expect(ahead).toHaveLength(20);
  });
});
