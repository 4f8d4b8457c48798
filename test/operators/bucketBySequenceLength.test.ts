import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, map, tap, throwError } from 'rxjs';
import { bucketBySequenceLength, type BucketBySequenceLengthOptions } from '../../operators/bucketBySequenceLength.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';
import { pullSlowly } from '../support/slowConsumer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

type Row = NDArray<'int32'>;
const newFolder = temporaryFolders();
const row = (...values: number[]): Row => ndarray('int32', [values.length], Int32Array.from(values));
const nested = ({ shape, data }: Row): number[][] =>
  Array.from({ length: shape[0]! }, (_, i) => [...data.subarray(i * shape[1]!, (i + 1) * shape[1]!)]);

// The elements of TensorFlow's example.
const elements = [[0], [1, 2, 3, 4], [5, 6, 7], [7, 8, 9, 10, 11], [13, 14, 15, 16, 19, 20], [21, 22]].map((values) =>
  row(...values),
);
const options = {
  elementLength: ({ data }: Row) => data.length,
  bucketBoundaries: [3, 5],
  bucketBatchSizes: [2, 2, 2],
};

function batches(more: Partial<BucketBySequenceLengthOptions<Row>> = {}, items = elements): unknown[] {
  const seen = notifications(fromIterable(items).pipe(bucketBySequenceLength({ ...options, ...more })));
  return seen.map((item) => (item instanceof Error || item === 'complete' ? item : nested(item as Row)));
}

describe('bucketBySequenceLength', () => {
  it('makes the batches that TensorFlow’s documentation shows', () => {
    expect(batches()).toEqual([
      [
        [1, 2, 3, 4],
        [5, 6, 7, 0],
      ],
      [
        [7, 8, 9, 10, 11, 0],
        [13, 14, 15, 16, 19, 20],
      ],
      [
        [0, 0],
        [21, 22],
      ],
      'complete',
    ]);
  });

  it('emits a batch when its bucket is full, and the remainders at the end, shortest bucket first', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-c-a-c-d-b-a-|');
      const subscribed = '^------------!';
      const expected = '  -----x-----y-(z|)';
      const bucketed = source.pipe(
        bucketBySequenceLength({
          elementLength: (letter) => letter.charCodeAt(0) - 97,
          bucketBoundaries: [2],
          bucketBatchSizes: [3, 2],
          noPadding: true,
        }),
      );
      expectObservable(bucketed).toBe(expected, { x: ['c', 'c'], y: ['a', 'b', 'a'], z: ['d'] });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('emits every item once, in its bucket', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 40 }), (lengths) => {
        const seen = notifications(
          fromIterable(lengths).pipe(
            bucketBySequenceLength({ ...options, elementLength: (length: number) => length, noPadding: true }),
          ),
        ).slice(0, -1) as number[][];
        expect(seen.flat().sort()).toEqual(lengths.toSorted());
        const bucketOf = (length: number): number => [3, 5].filter((bound) => bound <= length).length;
        for (const batch of seen) expect(new Set(batch.map(bucketOf)).size).toBe(1);
      }),
    );
  });

  it('drops the remainders with dropRemainder', () => {
    const short = batches({ dropRemainder: true }, elements.slice(0, 3));
    expect(short).toEqual([expect.arrayContaining([[1, 2, 3, 4]]), 'complete']);
  });

  it('pads to the bucket’s boundary on request, and rejects items at the last boundary', () => {
    const padToBucketBoundary = true;
    const [first, second] = batches({ padToBucketBoundary, paddingValues: -1 }, [
      row(0),
      row(5, 6, 7),
      row(1),
      row(2, 2, 2),
    ]);
    expect([first, second]).toEqual([
      [
        [0, -1],
        [1, -1],
      ],
      [
        [5, 6, 7, -1],
        [2, 2, 2, -1],
      ],
    ]);
    const [error] = batches({ padToBucketBoundary }, [row(1, 2, 3, 4, 5)]);
    expect(error).toMatchObject({ name: 'ValueError', message: expect.stringContaining('found 5') });
  });

  it('notifies an error for an invalid length', () => {
    for (const length of [-1, NaN]) {
      expect(batches({ elementLength: () => length })).toEqual([expect.objectContaining({ code: 'ERR_VALUE' })]);
    }
  });

  it('emits the full batches before the error of its source, and drops incomplete ones', () => {
    const failing = concat(
      fromIterable([1, 1, 1]),
      throwError(() => 'source'),
    );
    const bucketed = failing.pipe(
      bucketBySequenceLength({ ...options, elementLength: (length: number) => length, noPadding: true }),
    );
    expect(notifications(bucketed)).toEqual([[1, 1], 'source']);
  });

  it('requests no item while a batch is full, and emits each remainder only when the gate is open', () => {
    const { numbers, made } = countedNumbers(8);
    const lengthOf = (item: number): number => item % 6;
    const consumer = consumeByHand(
      fromIterable(numbers).pipe(bucketBySequenceLength({ ...options, elementLength: lengthOf, noPadding: true })),
      { onItem: (_item, gate) => gate.close() },
    );
    expect(made()).toBe(2);
    for (const count of [5, 7, 8, 8, 8]) {
      consumer.gate.open();
      expect(made()).toBe(count);
    }
    expect([consumer.items, consumer.ending()]).toEqual([[[0, 1], [3, 4], [2, 6], [7], [5]], undefined]);
    consumer.gate.open();
    expect(consumer.ending()).toBe('complete');
  });

  it('holds no more than its buckets and a full batch while a slow consumer takes from a FIFO', async () => {
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
          map((line) => Number(line)),
          bucketBySequenceLength({
            elementLength: (line: number) => line % 7,
            bucketBoundaries: [3, 5],
            bucketBatchSizes: [4, 4, 4],
            noPadding: true,
          }),
        ),
      (batch) => ahead.push(decoded - (taken += batch.length)),
    );
    expect(ahead).toHaveLength(20);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(3 + 3 + 4);
  });

  it.each([
    ['boundaries that do not rise', { bucketBoundaries: [3, 3] }, 'bucketBoundaries'],
    ['no boundary', { bucketBoundaries: [], bucketBatchSizes: [1] }, 'bucketBoundaries'],
    ['a size too few', { bucketBatchSizes: [1, 1] }, 'bucketBatchSizes'],
    ['a size that is none', { bucketBatchSizes: [1, 0, 1] }, 'bucketBatchSizes[1]'],
    ['padding options without padding', { noPadding: true, paddingValues: 1 }, 'noPadding'],
    ['a length that is no function', { elementLength: 3 as never }, 'elementLength'],
  ])('throws at the call for %s', (_, more, path) => {
    expect(() => bucketBySequenceLength({ ...options, ...more })).toThrow(expect.objectContaining({ path }));
  });
});
