import { describe, expect, it } from '@jest/globals';
import { Subject, concat, defer, of, repeat, take, throwError, type Observable } from 'rxjs';
import { cache } from '../../operators/cache.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

/** A source with other items for each subscription: 10, 11, 12, then 20, 21, 22, … */
function epochs(): { readonly source$: Observable<number>; readonly count: () => number } {
  let epoch = 0;
  const source$ = defer(() => {
    epoch++;
    return fromIterable([0, 1, 2].map((item) => epoch * 10 + item));
  });
  return { source$, count: () => epoch };
}

describe('cache', () => {
  it('forwards the first pass unchanged, and replays it at once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a--b|');
      const cached = source.pipe(cache());
      expectObservable(cached).toBe('--a--b|');
      expectObservable(cached, '--------^').toBe('--------(ab|)');
      expectSubscriptions(source.subscriptions).toBe(['^-----!']);
    });
  });

  it('reads its source once for any number of repetitions', () => {
    const { source$, count } = epochs();
    expect(notifications(source$.pipe(cache(), repeat(3)))).toEqual([10, 11, 12, 10, 11, 12, 10, 11, 12, 'complete']);
    expect(count()).toBe(1);
  });

  it('replays an empty pass as one', () => {
    let subscriptions = 0;
    const empty = defer(() => {
      subscriptions++;
      return fromIterable([]);
    });
    expect(notifications(empty.pipe(cache(), repeat(3)))).toEqual(['complete']);
    expect(subscriptions).toBe(1);
  });

  it('stores no pass that was unsubscribed, and warns once', async () => {
    const { source$ } = epochs();
    const cached = source$.pipe(cache());
    const warnings = await collectWarnings(() => {
      expect(notifications(cached.pipe(take(2)))).toEqual([10, 11, 'complete']);
      expect(notifications(cached.pipe(take(1)))).toEqual([20, 'complete']);
      expect(notifications(cached)).toEqual([30, 31, 32, 'complete']);
      expect(notifications(cached.pipe(take(1)))).toEqual([30, 'complete']);
      expect(notifications(cached)).toEqual([30, 31, 32, 'complete']);
    });
    expect(warnings).toEqual([
      { code: 'MILLRACE_CACHE_INCOMPLETE', message: expect.stringContaining('subscriber unsubscribed after 2 items') },
    ]);
  });

  it('stores no pass that failed', async () => {
    let isFirst = true;
    const failing = defer(() => {
      if (!isFirst) return fromIterable([1, 2]);
      isFirst = false;
      return concat(
        of(0),
        throwError(() => 'source'),
      );
    });
    const cached = failing.pipe(cache());
    const warnings = await collectWarnings(() => {
      expect(notifications(cached)).toEqual([0, 'source']);
      expect(notifications(cached)).toEqual([1, 2, 'complete']);
      expect(notifications(cached)).toEqual([1, 2, 'complete']);
    });
    expect(warnings).toEqual([]);
  });

  it('reads the source for subscriptions during the first pass', () => {
    const sources: Subject<string>[] = [];
    const source$ = defer(() => {
      const source = new Subject<string>();
      sources.push(source);
      return source;
    });
    const cached = source$.pipe(cache());
    const first = notifications(cached);
    const second = notifications(cached);
    sources[0]?.next('a');
    sources[1]?.next('b');
    sources[1]?.complete();
    sources[0]?.complete();
    expect([first, second]).toEqual([
      ['a', 'complete'],
      ['b', 'complete'],
    ]);
    expect(notifications(cached)).toEqual(['a', 'complete']);
  });

  it('replays on demand, separately for each subscriber', async () => {
    const { source$ } = epochs();
    const cached = source$.pipe(cache());
    notifications(cached);
    const consumer = consumeByHand(cached, { onItem: (_item, gate) => gate.close() });
    expect(consumer.items).toEqual([]);
    consumer.gate.open();
    expect([consumer.items, consumer.ending()]).toEqual([[10], undefined]);
    const seen: number[] = [];
    for await (const item of toAsyncIterable(cached)) seen.push(item);
    expect(seen).toEqual([10, 11, 12]);
    consumer.subscription.unsubscribe();
    expect(consumer.gate.waiting).toBe(0);
  });

  it('fails if the items are larger than maxBytes', () => {
    const records = Array.from({ length: 5 }, () => new Uint8Array(40));
    expect(notifications(fromIterable(records).pipe(cache({ maxBytes: 200 }))).at(-1)).toBe('complete');
    const seen = notifications(fromIterable(records).pipe(cache({ maxBytes: 199 })));
    expect(seen).toHaveLength(5);
    expect(seen.at(-1)).toMatchObject({
      code: 'ERR_CONFIG',
      path: 'maxBytes',
      message: expect.stringContaining('the first 5 items need more than maxBytes (199 bytes)'),
    });
  });

  it('copies a small view on large memory, so that the memory is released', () => {
    const large = new Uint8Array(1024).fill(7);
    const [kept] = notifications(of(large.subarray(0, 8)).pipe(cache())) as Uint8Array[];
    expect([kept?.byteLength, kept?.buffer.byteLength, kept?.[0]]).toEqual([8, 8, 7]);
    const [whole] = notifications(of(large).pipe(cache()));
    expect(whole).toBe(large);
  });

  it('throws at the call for bad options', () => {
    expect(() => cache({ maxBytes: 0 })).toThrow(expect.objectContaining({ path: 'maxBytes' }));
  });
});
