import { describe, expect, it } from '@jest/globals';
import type { ThreadUsage } from '../../src/demand/observer.js';
import { ThreadMeters } from '../../src/report/threadMeters.js';

const [first, second] = [{}, {}];

function usage(thread: object, items: number, [workMs, waitMs]: readonly [number, number], held = 0): ThreadUsage {
  return { thread, name: 'thread 0', items, workMs, waitMs, held };
}

describe('ThreadMeters', () => {
  it('omits the time before the subscription and between two subscriptions', () => {
    const meters = new ThreadMeters();
    meters.begin([usage(first, 5, [100, 1000])]);
    meters.look([usage(first, 7, [110, 1030])]);
    meters.end([]);
    meters.begin([usage(first, 7, [110, 9000])]);
    meters.look([usage(first, 8, [115, 9000])]);
    expect(meters.sums().get('thread 0')).toMatchObject({ items: 3, workMs: 15, waitMs: 30 });
  });

  it('counts a thread that starts during the subscription from its start', () => {
    const meters = new ThreadMeters();
    meters.begin([]);
    meters.look([usage(first, 1, [10, 20])]);
    expect(meters.sums().get('thread 0')).toMatchObject({ items: 1, workMs: 10, waitMs: 20 });
  });

  it('continues the sums with a thread that replaces another one', () => {
    const meters = new ThreadMeters();
    meters.look([usage(first, 3, [10, 20])]);
    meters.look([usage(first, 3, [0, 0])]);
    meters.look([usage(second, 1, [1, 2])]);
    expect(meters.sums().get('thread 0')).toMatchObject({ items: 4, workMs: 11, waitMs: 22 });
  });

  it('keeps a thread that another subscription uses', () => {
    const meters = new ThreadMeters();
    meters.begin([usage(first, 0, [0, 0])]);
    meters.end([usage(first, 0, [0, 0])]);
    meters.look([usage(first, 2, [5, 5], 3)]);
    expect(meters.sums().get('thread 0')).toEqual({ items: 2, workMs: 5, waitMs: 5, heldMs: 30 });
  });
});
