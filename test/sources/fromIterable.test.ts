import { describe, expect, it, jest } from '@jest/globals';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { repeat, take, toArray, type Observable } from 'rxjs';
import { ConfigError } from '../../src/base/errors.js';
import { fromAsyncIterable } from '../../src/sources/fromAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';

/** Returns the items and the ending of a subscription. */
async function notifications<T>(source$: Observable<T>): Promise<{ items: readonly T[]; ending: unknown }> {
  const { items, ending } = consumeByHand(source$, { isOpen: true });
  await until(() => ending() !== undefined);
  return { items, ending: ending() };
}

function* threeNumbers(): Generator<number> {
  yield* [1, 2, 3];
}

describe('fromIterable', () => {
  it('makes a value only when it is wanted', () => {
    const { numbers, made } = countedNumbers(100);
    const { gate, items } = consumeByHand(fromIterable(numbers), { onItem: (_item, gate) => gate.close() });
    expect(made()).toBe(0);
    gate.open();
    expect([items, made()]).toEqual([[0], 1]);
  });

  it('delivers all values at once to a consumer without a gate', () => {
    const seen: number[][] = [];
    fromIterable([1, 2, 3])
      .pipe(repeat(2), toArray())
      .subscribe((all) => seen.push(all));
    expect(seen).toEqual([[1, 2, 3, 1, 2, 3]]);
  });

  it('calls return() of a generator when it is unsubscribed, and not after its end', () => {
    const finished = jest.fn();
    function* numbers(): Generator<number> {
      try {
        yield* [1, 2, 3];
      } finally {
        finished();
      }
    }
    fromIterable(numbers()).pipe(take(2)).subscribe();
    expect(finished).toHaveBeenCalledTimes(1);
    const returned = jest.fn<() => IteratorResult<number>>();
    const ended: Iterator<number> = { next: () => ({ done: true, value: undefined }), return: returned };
    fromIterable({ [Symbol.iterator]: () => ended }).subscribe();
    expect(returned).not.toHaveBeenCalled();
  });

  it('notifies the errors of the iterator', () => {
    const errors: unknown[] = [];
    function* failing(): Generator<number> {
      yield 1;
      throw new Error('iterator');
    }
    fromIterable(failing()).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([new Error('iterator')]);
  });
});

describe('fromIterable at a second subscription', () => {
  it.each([
    ['a generator object', () => threeNumbers()],
    ['an iterator of an array', () => [1, 2, 3].values()],
    ['an iterator of a map', () => new Map([[1, 2]]).keys()],
  ])('fails on %s, also if the first one read only a part', async (_, make) => {
    const iterable: Iterable<number> = make();
    fromIterable(iterable).pipe(take(1)).subscribe();
    const { items, ending } = await notifications(fromIterable(iterable));
    expect([items, ending]).toEqual([[], expect.any(ConfigError)]);
    expect((ending as Error).message).toBe(
      'fromIterable: an iterator or generator object can be read only once, and an earlier subscription (an epoch, repeat or retry) ' +
        'has read it. Create a new object for each subscription: defer(() => fromIterable(…)).',
    );
  });

  it('fails on a generator object in its second epoch', async () => {
    const { items, ending } = await notifications(fromIterable(threeNumbers()).pipe(repeat(2)));
    expect([items, ending]).toEqual([[1, 2, 3], expect.any(ConfigError)]);
  });

  it('calls a generator function again', async () => {
    const numbers$ = fromIterable({ [Symbol.iterator]: threeNumbers });
    expect((await notifications(numbers$.pipe(repeat(2)))).items).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('iterates a string again', async () => {
    expect((await notifications(fromIterable('ab').pipe(repeat(2)))).items).toEqual(['a', 'b', 'a', 'b']);
  });

  it('iterates an object again if it is its own iterator and restarts', async () => {
    let at = 0;
    const again: IterableIterator<number> = {
      next: () => (at < 2 ? { done: false, value: ++at } : { done: true, value: undefined }),
      [Symbol.iterator]: () => {
        at = 0;
        return again;
      },
    };
    expect((await notifications(fromIterable(again).pipe(repeat(2)))).items).toEqual([1, 2, 1, 2]);
  });
});

describe('fromAsyncIterable at a second subscription', () => {
  async function* asyncNumbers(): AsyncGenerator<number> {
    await nextTurn();
    yield* threeNumbers();
  }

  it.each([
    ['an async generator object', 'an async generator object', () => asyncNumbers()],
    ['a stream of Node', 'a stream', () => Readable.from([1, 2, 3])],
    ['a web stream', 'a stream', () => ReadableStream.from([1, 2, 3])],
    ['lines of readline', 'a stream', () => createInterface({ input: Readable.from(['1\n2\n3\n']) })],
  ])('fails on %s', async (_, name, make) => {
    const once$ = fromAsyncIterable<unknown>(make());
    const { items, ending } = await notifications(once$.pipe(repeat(2)));
    expect([items.length, ending]).toEqual([3, expect.any(ConfigError)]);
    expect((ending as Error).message).toContain(`fromAsyncIterable: ${name} can be read only once`);
  });

  it('calls an async generator function again', async () => {
    const numbers$ = fromAsyncIterable({ [Symbol.asyncIterator]: asyncNumbers });
    expect((await notifications(numbers$.pipe(repeat(2)))).items).toEqual([1, 2, 3, 1, 2, 3]);
  });
});

describe('fromAsyncIterable', () => {
  async function* counted(log: number[]): AsyncGenerator<number> {
    for (let i = 0; i < 5; i++) {
      log.push(i);
      yield i;
    }
    await nextTurn();
  }

  it('requests a value only when it is wanted, and keeps one that arrives too late', async () => {
    const log: number[] = [];
    const consumer = consumeByHand(fromAsyncIterable(counted(log)));
    await nextTurn();
    expect(log).toEqual([]);
    consumer.gate.open();
    consumer.gate.close();
    await nextTurn();
    expect([log, consumer.items]).toEqual([[0], []]);
    consumer.gate.open();
    await until(() => consumer.ending() === 'complete');
    expect(consumer.items).toEqual([0, 1, 2, 3, 4]);
  });

  it('names fromAsyncIterable for an async generator', () => {
    async function* values() {
      yield await Promise.resolve(1);
    }
    expect(() => fromIterable(values() as never)).toThrow(/, an async iterable: use fromAsyncIterable$/);
  });

  it('notifies the errors of the iterable, after the earlier values', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      await nextTurn();
      throw new Error('stream');
    }
    const consumer = consumeByHand(fromAsyncIterable(failing()), { isOpen: true });
    await until(() => consumer.ending() !== undefined);
    expect([consumer.items, consumer.ending()]).toEqual([[1], new Error('stream')]);
  });

  it('calls return() of the iterator when it is unsubscribed', async () => {
    const finished = jest.fn();
    async function* numbers(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) {
          await nextTurn();
          yield i;
        }
      } finally {
        finished();
      }
    }
    const consumer = consumeByHand(fromAsyncIterable(numbers()).pipe(take(2)), { isOpen: true });
    await until(() => finished.mock.calls.length > 0);
    expect([consumer.items, consumer.ending()]).toEqual([[0, 1], 'complete']);
  });

  it('ignores the rejections of a cancelled iterator', async () => {
    const iterator: AsyncIterator<number> = {
      next: () => new Promise(() => undefined),
      return: () => Promise.reject(new Error('too late')),
    };
    const { subscription } = consumeByHand(fromAsyncIterable({ [Symbol.asyncIterator]: () => iterator }), {
      isOpen: true,
    });
    subscription.unsubscribe();
    await nextTurn();
    expect(subscription.closed).toBe(true);
  });
});
