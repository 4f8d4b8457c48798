import { describe, expect, it } from '@jest/globals';
import { parallelRemedy, type ParallelFacts } from '../../operators/shared/parallelRemedy.js';

const CPUS = 4;
const remedyOf = (facts: Partial<ParallelFacts>, limit: number, isSettled = true): string =>
  parallelRemedy({ concurrency: limit, max: 64, ...facts }, { limit, isSettled }, CPUS);

describe('parallelRemedy', () => {
  it('raises a fixed concurrency', () => {
    expect(remedyOf({}, 3)).toBe('increase its concurrency (now 3)');
  });

  it('sets a number above the largest number of auto if auto has reached it', () => {
    expect(remedyOf({ concurrency: 'auto' }, 64, false)).toBe(
      'set its concurrency to a number above 64, because "auto" stops at 64',
    );
  });

  it('does not claim that auto has finished its search if it has not', () => {
    expect(remedyOf({ concurrency: 'auto' }, 12, false)).toBe(
      'set its concurrency to a number above 12, because "auto" was still raising it',
    );
  });

  it('makes the work faster if auto tried a larger number without success', () => {
    expect(remedyOf({ concurrency: 'auto' }, 12)).toBe(
      'make its work faster, because "auto" found that more concurrency than 12 does not help',
    );
  });

  it.each([4, 'auto'] as const)(
    'adds workers if all of them have an item and a CPU is left, with concurrency %s',
    (concurrency) => {
      expect(remedyOf({ concurrency, workers: 2 }, 4)).toBe(
        'increase its workers (now 2), or increase its concurrency (now 4) if its function waits for something',
      );
    },
  );

  it('adds no workers if they already use all CPUs', () => {
    expect(remedyOf({ workers: CPUS }, 8)).toBe(
      'make its function faster, because its workers (now 4) already use all CPUs, ' +
        'or increase its concurrency (now 8) if its function waits for something',
    );
  });

  it('raises the concurrency if some workers have no item', () => {
    expect(remedyOf({ workers: 3 }, 2)).toBe('increase its concurrency (now 2)');
  });
});
