import { describe, expect, it, jest } from '@jest/globals';
import { NEVER, Observable, of, range, throwError } from 'rxjs';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { nextTurn } from '../support/fifoWriter.js';
import { countedNumbers } from '../support/countedNumbers.js';

const iterate = <T>(source: Observable<T>): AsyncIterator<T> => toAsyncIterable(source)[Symbol.asyncIterator]();

describe('toAsyncIterable', () => {
  it('delivers every item in order', async () => {
    const seen: number[] = [];
    for await (const item of toAsyncIterable(fromIterable(countedNumbers(1000).numbers))) seen.push(item);
    expect(seen).toEqual([...countedNumbers(1000).numbers]);
  });

  it.each([{ overRun: 'error' }, { overrun: 'Error' }])('refuses the options %p', (options) => {
    expect(() => toAsyncIterable(NEVER, options as never)).toThrow('toAsyncIterable: ');
  });

  it('requests one item at a time', async () => {
    const { numbers, made } = countedNumbers(100);
    const iterator = iterate(fromIterable(numbers));
    await iterator.next();
    await nextTurn();
    expect(made()).toBe(1);
    await iterator.next();
    expect(made()).toBe(2);
  });

  it('subscribes at the first next, and not before', async () => {
    const subscribed = jest.fn();
    const source = new Observable<number>((destination) => {
      subscribed();
      destination.complete();
    });
    const iterator = iterate(source);
    await nextTurn();
    expect(subscribed).not.toHaveBeenCalled();
    await iterator.next();
    expect(subscribed).toHaveBeenCalledTimes(1);
  });

  it('subscribes again for each iterator', async () => {
    const iterable = toAsyncIterable(of(1, 2));
    const collect = async (): Promise<number[]> => {
      const items: number[] = [];
      for await (const item of iterable) items.push(item);
      return items;
    };
    expect(await collect()).toEqual([1, 2]);
    expect(await collect()).toEqual([1, 2]);
  });

  it('answers several pending calls in their order', async () => {
    const iterator = iterate(of('a', 'b'));
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    expect(results).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
      { done: true, value: undefined },
    ]);
  });

  it('closes the source on break and on a throw in the loop', async () => {
    const released = jest.fn();
    const source = new Observable<number>((destination) => {
      destination.next(1);
      return released;
    });
    for await (const item of toAsyncIterable(source)) if (item === 1) break;
    expect(released).toHaveBeenCalledTimes(1);
    await expect(
      (async () => {
        for await (const item of toAsyncIterable(source)) throw new Error(`loop ${item}`);
      })(),
    ).rejects.toThrow('loop 1');
    expect(released).toHaveBeenCalledTimes(2);
  });

  it('closes the source on return while a next is pending, which resolves as done', async () => {
    const released = jest.fn();
    const source = new Observable<number>(() => released);
    const iterator = iterate(source);
    const pending = iterator.next();
    await iterator.return?.();
    expect(released).toHaveBeenCalledTimes(1);
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it('rejects return with the exception of a teardown, after the pending calls are done', async () => {
    const source = new Observable<number>(() => () => {
      throw new Error('teardown');
    });
    const iterator = iterate(source);
    const pending = iterator.next();
    await expect(iterator.return?.()).rejects.toThrow('teardown');
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it('stays done after return without ever subscribing', async () => {
    const iterator = iterate(NEVER);
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('closes a synchronous source that is still subscribing when return is called from inside it', async () => {
    let produced = 0;
    const source = new Observable<number>((destination) => {
      while (!destination.closed && produced < 1000) {
        produced++;
        destination.next(produced);
        void iterator.return?.();
      }
    });
    const iterator = iterate(source);
    await iterator.next();
    expect(produced).toBe(1);
  });

  it('rejects once with the error of the source, after the earlier items, and is then always done', async () => {
    const source = new Observable<number>((destination) => {
      destination.next(1);
      destination.error(new Error('source'));
    });
    const iterator = iterate(source);
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toThrow('source');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('rejects the pending call when the source fails', async () => {
    await expect(iterate(throwError(() => new Error('at once'))).next()).rejects.toThrow('at once');
  });

  it('keeps the items of a source that ignores gates', async () => {
    const seen: number[] = [];
    for await (const item of toAsyncIterable(range(0, 1000))) seen.push(item);
    expect(seen.length).toBe(1000);
  });

  it('fails on an overrun with the policy error', async () => {
    const iterable = toAsyncIterable(range(0, 100_000), { overrun: 'error' });
    await expect(
      (async () => {
        for await (const item of iterable) if (item < 0) break;
      })(),
    ).rejects.toMatchObject({ code: 'ERR_OVERRUN' });
  });

  it('warns about an overrun once by default, and loses nothing', async () => {
    let count = 0;
    const warnings = await collectWarnings(async () => {
      for await (const item of toAsyncIterable(range(0, 100_000))) count += item >= 0 ? 1 : 0;
    });
    expect(count).toBe(100_000);
    expect(warnings).toEqual([{ code: 'MILLRACE_OVERRUN', message: expect.stringContaining('toAsyncIterable') }]);
  });
});
