import { describe, expect, it } from '@jest/globals';
import { AutoConcurrency } from '../../src/base/autoConcurrency.js';

/**
 * Returns the limits that were tried, in order.
 *
 * @param waitMs - how long the consumer waits for each result, for a limit.
 * @param workMs - how long the consumer works with each result.
 */
function limitsOf(options: Search, waitMs: (limit: number) => number): number[] {
  return search(options, waitMs).limits;
}

interface Search {
  readonly start?: number;
  readonly max?: number;
  readonly results?: number;
  readonly workMs?: number;
}

function search({ start = 4, max = 64, results = 20_000, workMs = 0 }: Search, waitMs: (limit: number) => number) {
  let now = 0;
  const auto = new AutoConcurrency({ start, max, now: () => now });
  const limits = [start];
  for (let result = 0; result < results; result++) {
    auto.setWaiting(true);
    now += waitMs(auto.limit);
    auto.setWaiting(false);
    auto.countResult();
    now += workMs;
    if (auto.limit !== limits.at(-1)) limits.push(auto.limit);
  }
  return { limits, isSettled: auto.isSettled };
}

/** Each call takes 100 ms, and at most `capacity` calls run at the same time. */
const latency = (capacity: number) => (limit: number) => 100 / Math.min(limit, capacity);

describe('AutoConcurrency', () => {
  it('raises the limit by half while the waiting gets shorter, up to the maximum', () => {
    expect(limitsOf({}, latency(Infinity))).toEqual([4, 6, 9, 14, 21, 32, 48, 64]);
  });

  it('returns to the last limit if a higher one does not help', () => {
    expect(limitsOf({ results: 300 }, latency(9)).slice(0, 5)).toEqual([4, 6, 9, 14, 9]);
  });

  it('is settled after a trial without success, but not before, and not at the maximum', () => {
    expect(search({ results: 20 }, latency(9)).isSettled).toBe(false);
    expect(search({ results: 300 }, latency(9)).isSettled).toBe(true);
    expect(search({}, latency(Infinity)).isSettled).toBe(false);
  });

  it('tries again after more and more results', () => {
    const trials = (results: number) => limitsOf({ results }, latency(4)).filter((limit) => limit === 6).length;
    const [few, many] = [trials(1000), trials(10_000)];
    expect(few).toBeGreaterThan(1);
    expect(many).toBeGreaterThan(few);
    expect(many).toBeLessThan(4 * few);
  });

  it('finds a higher limit after the calls have become slower', () => {
    let isSlow = false;
    let results = 0;
    const limits = limitsOf({ max: 16 }, (limit) => {
      isSlow ||= results++ > 5000;
      return isSlow ? latency(Infinity)(limit) : 25;
    });
    expect(limits.at(-1)).toBe(16);
  });

  it('keeps the limit if the consumer waits for less than 5 % of the time', () => {
    expect(limitsOf({ workMs: 100 * 20 }, latency(Infinity))).toEqual([4]);
  });

  it('keeps the limit while not all calls are in use', () => {
    let now = 0;
    const auto = new AutoConcurrency({ start: 4, max: 64, now: () => now });
    for (let result = 0; result < 1000; result++) {
      auto.setWaiting(false);
      now += 100;
      auto.countResult();
    }
    expect(auto.limit).toBe(4);
  });
});
