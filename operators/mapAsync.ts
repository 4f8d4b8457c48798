import { availableParallelism } from 'node:os';
import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { overrunPolicy } from '../src/base/optionFields.js';
import { inParallel, type AsyncProject } from './shared/inParallel.js';
import type { OverrunPolicy } from '../src/demand/overrun.js';
import { callback, parseOptions, positiveInteger } from '../src/base/parseOptions.js';

/** Options of {@link mapAsync}. */
export interface MapAsyncOptions {
  /** How many items may be in work or done and not yet wanted. Default: the number of CPUs. */
  readonly concurrency?: number | undefined;
  /** Whether results keep the order of the items. Default: true; false emits them as they are done. */
  readonly ordered?: boolean | undefined;
  /** What to do when the source does not heed the demand. Default: `warn`, once. */
  readonly overrun?: OverrunPolicy | undefined;
}

const optionsSchema = z.strictObject({
  concurrency: positiveInteger.default(availableParallelism),
  ordered: z.boolean().default(true),
  overrun: overrunPolicy.optional(),
});

/**
 * Maps items through an asynchronous function, several at a time: `tf.data`'s `map` with `num_parallel_calls`.
 *
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { fromIterable } from 'millrace';
 * import { mapAsync } from 'millrace/operators';
 *
 * const files$ = fromIterable(['a.png', 'b.png']).pipe(
 *   mapAsync((path, _index, signal) => readFile(path, { signal }), { concurrency: 8 }),
 * );
 * ```
 *
 * RxJS's `mergeMap` starts a call for whatever comes; this asks for an item only when it can take one. Memory: up to
 * `concurrency` items in work or done. Order is kept unless `ordered` is false.
 *
 * Throws a ConfigError at the call for bad options. What the function throws or rejects with arrives as an error
 * notification in its item's place, after the results before it. Completion and errors of the source follow all
 * results. Unsubscribing, and the first error, abort the signal of what is still in work and drop its results.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#map
 */
export function mapAsync<T, R>(project: AsyncProject<T, R>, options: MapAsyncOptions = {}): OperatorFunction<T, R> {
  parseOptions('mapAsync', callback(), project);
  const checked = parseOptions('mapAsync', optionsSchema, options, { form: 'mapAsync(f, { concurrency: 4 })' });
  return (source) => inParallel(source, { name: 'mapAsync', ...checked }, project);
}
