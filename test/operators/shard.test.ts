import { describe, expect, it } from '@jest/globals';
import { range, repeat } from 'rxjs';
import { shard } from '../../operators/shard.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

describe('shard', () => {
  it('keeps every count-th item from index', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-d-e-|');
      const subscribed = '  ^----------!';
      expectObservable(source.pipe(shard({ count: 3, index: 1 }))).toBe('---b-----e-|');
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('has every item once in all shards', () => {
    const shards = [0, 1, 2].flatMap((index) =>
      notifications(range(0, 10).pipe(shard({ count: 3, index }))).slice(0, -1),
    );
    expect(shards).toEqual([0, 3, 6, 9, 1, 4, 7, 2, 5, 8]);
  });

  it('counts from 0 for each subscription', () => {
    const repeated = range(0, 3).pipe(shard({ count: 2, index: 1 }), repeat(2));
    expect(notifications(repeated)).toEqual([1, 1, 'complete']);
  });

  it('throws at the call for bad options', () => {
    const path = (options: { count: number; index: number }): unknown => {
      try {
        return shard(options);
      } catch (error) {
        return (error as { path?: string }).path;
      }
    };
    expect(path({ count: 0, index: 0 })).toBe('count');
    expect(path({ count: 2, index: 2 })).toBe('index');
    expect(path({ count: 2, index: -1 })).toBe('index');
  });
});
