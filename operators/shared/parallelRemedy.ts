import { availableParallelism } from 'node:os';
import type { Concurrency } from '../../src/base/autoConcurrency.js';

export interface ParallelFacts {
  /** The value of the option `concurrency`. */
  readonly concurrency: number | 'auto';
  /** The maximum number of simultaneous calls with `auto`. */
  readonly max: number;
  /** The number of worker threads, if worker threads run the calls. */
  readonly workers?: number | undefined;
}

/** Returns the remedy, as a clause, for a pipeline that waits for a stage with simultaneous calls. */
export function parallelRemedy(
  { concurrency, max, workers }: ParallelFacts,
  { limit, isSettled }: Pick<Concurrency, 'limit' | 'isSettled'>,
  cpus = availableParallelism(),
): string {
  if (workers !== undefined && limit >= workers) {
    const waits = 'if its function waits for something';
    const more = `increase its concurrency (now ${limit}) ${waits}`;
    if (workers < cpus) return `increase its workers (now ${workers}), or ${more}`;
    return `make its function faster, because its workers (now ${workers}) already use all CPUs, or ${more}`;
  }
  if (concurrency !== 'auto') return `increase its concurrency (now ${limit})`;
  if (limit >= max) return `set its concurrency to a number above ${max}, because "auto" stops at ${max}`;
  if (isSettled) return `make its work faster, because "auto" found that more concurrency than ${limit} does not help`;
  return `set its concurrency to a number above ${limit}, because "auto" was still raising it`;
}
