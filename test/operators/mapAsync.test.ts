import { getMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { describe, expect, it, jest } from '@jest/globals';
import { concat, firstValueFrom, lastValueFrom, of, range, throwError, toArray } from 'rxjs';
import { mapAsync } from '../../operators/mapAsync.js';
import { report } from '../../operators/report.js';
import { prefetch } from '../../operators/prefetch.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';

/** Work that the test ends, in any order. */
function workByHand<T>() {
  const pending = new Map<T, (result: T | Error) => void>();
  const signals: AbortSignal[] = [];
  const project = (item: T, _index: number, signal: AbortSignal): Promise<T> => {
    signals.push(signal);
    return new Promise((resolve, reject) => {
      pending.set(item, (result) => (result instanceof Error ? reject(result) : resolve(result)));
    });
  };
  const finish = async (item: T, result: T | Error = item): Promise<void> => {
    pending.get(item)?.(result);
    pending.delete(item);
    await nextTurn();
  };
  return { project, finish, pending, signals };
}

describe('mapAsync', () => {
  it('keeps the order of the items for any durations', async () => {
    const results = await firstValueFrom(
      range(0, 2000).pipe(
        mapAsync(
          async (item) => {
            if (item % 97 === 0) await nextTurn();
            return item;
          },
          { concurrency: 4 },
        ),
        toArray(),
      ),
    );
    expect(results).toEqual([...countedNumbers(2000).numbers]);
  });

  it('passes a signal that may have any number of listeners', () => {
    const { project, signals } = workByHand<number>();
    range(0, 20)
      .pipe(mapAsync(project, { concurrency: 20 }))
      .subscribe()
      .unsubscribe();
    expect(signals.map((signal) => [getMaxListeners(signal), signal.aborted])).toEqual(
      Array(20).fill([Infinity, true]),
    );
  });

  it('emits results as they are available without ordered', async () => {
    const { project, finish } = workByHand<number>();
    const consumer = consumeByHand(of(1, 2, 3).pipe(mapAsync(project, { concurrency: 3, ordered: false })), {
      isOpen: true,
    });
    for (const item of [3, 1, 2]) await finish(item);
    expect([consumer.items, consumer.ending()]).toEqual([[3, 1, 2], 'complete']);
  });

  it('holds no more items than its concurrency', async () => {
    const { project, finish, pending } = workByHand<number>();
    const { numbers, made } = countedNumbers(100);
    const consumer = consumeByHand(fromIterable(numbers).pipe(mapAsync(project, { concurrency: 3 })));
    expect([made(), pending.size]).toEqual([3, 3]);
    await finish(0);
    expect([made(), consumer.items]).toEqual([3, []]);
    consumer.gate.open();
    expect([made(), consumer.items]).toEqual([4, [0]]);
  });

  it('raises an automatic concurrency while the consumer waits, and keeps it for the next epoch', async () => {
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    try {
      const { project, finish, pending } = workByHand<number>();
      const watched = report();
      const numbers$ = fromIterable([...Array(2000).keys()]).pipe(mapAsync(project, { concurrency: 'auto' }), watched);
      const first = availableParallelism();
      const most: number[] = [];
      for (let epoch = 0; epoch < 2; epoch++) {
        const subscription = numbers$.subscribe();
        most.push(pending.size);
        for (let item = 0; item < 200; item++) {
          now += 100 / pending.size;
          await finish(item);
        }
        subscription.unsubscribe();
        pending.clear();
      }
      expect(most[0]).toBe(first);
      expect(most[1]).toBeGreaterThan(first);
      expect(watched.read().stages.find(({ name }) => name === 'mapAsync')?.queue?.capacity).toBeGreaterThan(first);
    } finally {
      clock.mockRestore();
    }
  });

  it('starts no more calls than its concurrency if the source ignores the gate', async () => {
    const { project, finish, pending } = workByHand<number>();
    const consumer = consumeByHand(range(0, 10).pipe(mapAsync(project, { concurrency: 2 })), { isOpen: true });
    for (let item = 0; item < 10; item++) {
      expect(pending.size).toBe(Math.min(2, 10 - item));
      await finish(item);
    }
    expect(consumer.items).toEqual([...countedNumbers(10).numbers]);
  });

  it('passes the index and a signal that is aborted when the result is no longer wanted', () => {
    const { project, signals } = workByHand<number>();
    const indices: number[] = [];
    const { subscription } = consumeByHand(
      of('a', 'b').pipe(
        mapAsync((_item, index, signal) => {
          indices.push(index);
          return project(index, index, signal);
        }),
      ),
      { isOpen: true },
    );
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    subscription.unsubscribe();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(indices).toEqual([0, 1]);
  });

  it('notifies a rejection at its item’s position, after earlier results, and aborts the rest', async () => {
    const { project, finish, signals } = workByHand<number>();
    const consumer = consumeByHand(of(1, 2, 3).pipe(mapAsync(project, { concurrency: 3 })), { isOpen: true });
    await finish(2, new Error('two'));
    expect(consumer.ending()).toBeUndefined();
    await finish(1);
    expect([consumer.items, consumer.ending()]).toEqual([[1], new Error('two')]);
    expect(signals[2]?.aborted).toBe(true);
    await finish(3, new Error('nobody hears of this one'));
  });

  it('notifies a synchronous exception of the function', async () => {
    const consumer = consumeByHand(
      of(1).pipe(
        mapAsync(() => {
          throw new Error('at once');
        }),
      ),
      { isOpen: true },
    );
    await until(() => consumer.ending() !== undefined);
    expect(consumer.ending()).toEqual(new Error('at once'));
  });

  it('emits all results before completion and errors of its source', async () => {
    const failing = concat(
      of(1, 2),
      throwError(() => new Error('source')),
    );
    const seen: unknown[] = [];
    await lastValueFrom(failing.pipe(mapAsync((item) => Promise.resolve(item)))).catch((error: unknown) =>
      seen.push(error),
    );
    const consumer = consumeByHand(failing.pipe(mapAsync((item) => Promise.resolve(item))), { isOpen: true });
    await until(() => consumer.ending() !== undefined);
    expect([consumer.items, consumer.ending()]).toEqual([[1, 2], new Error('source')]);
    expect(seen).toEqual([new Error('source')]);
  });

  it('does not apply its gate to subscriptions of its function', async () => {
    const project = (item: number): Promise<number> => lastValueFrom(fromIterable([item, item * 10]).pipe(prefetch(1)));
    const results: number[] = [];
    const mapped = fromIterable([1, 2, 3]).pipe(mapAsync(project, { concurrency: 1 }));
    for await (const result of toAsyncIterable(mapped)) results.push(result);
    expect(results).toEqual([10, 20, 30]);
  });

  it('accepts a function that does not return a promise', async () => {
    expect(
      await firstValueFrom(
        of(1, 2).pipe(
          mapAsync((item) => item + 1),
          toArray(),
        ),
      ),
    ).toEqual([2, 3]);
  });

  it('throws at the call for bad options', () => {
    expect(() => mapAsync(() => 1, { concurrency: 0 })).toThrow(/concurrency/);
  });
});
