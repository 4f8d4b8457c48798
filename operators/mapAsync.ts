import { availableParallelism } from 'node:os';
import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { concurrencyField } from '../src/base/autoConcurrency.js';
import { overrunPolicy } from '../src/base/optionFields.js';
import { inParallel, type AsyncProject } from './shared/inParallel.js';
import type { OverrunPolicy } from '../src/demand/overrun.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';

/** Options of {@link mapAsync}. */
export interface MapAsyncOptions {
  /**
   * The maximum number of pending calls and unrequested results together. Default: the number of CPUs. `auto` starts
   * with the number of CPUs, and increases the maximum, up to 64, while this shortens the waiting time of the consumer.
   */
  readonly concurrency?: number | 'auto' | undefined;
  /** If false, emits results as soon as they are available. Default: true. */
  readonly ordered?: boolean | undefined;
  /** The reaction to unrequested items. Default: `warn`, once for each subscription. */
  readonly overrun?: OverrunPolicy | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    concurrency: concurrencyField().default(availableParallelism),
    ordered: z.boolean().default(true),
    overrun: overrunPolicy().optional(),
  }),
);

/**
 * Maps several items at the same time with an asynchronous function, like `tf.data`'s `map` with `num_parallel_calls`.
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
 * Unlike RxJS's `mergeMap`, requests an item only when the function can be called immediately. Memory: up to
 * `concurrency` items.
 *
 * If the function throws or its promise rejects, the error is emitted in place of the item's result. An unsubscription
 * or error aborts the signals of pending calls, and drops their results.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#map
 */
export function mapAsync<T, R>(project: AsyncProject<T, R>, options: MapAsyncOptions = {}): OperatorFunction<T, R> {
  parseOptions('mapAsync', callback(), project);
  const checked = parseOptions('mapAsync', optionsSchema(), options, { form: 'mapAsync(f, { concurrency: 4 })' });
  return (source) => inParallel(source, { name: 'mapAsync', ...checked }, project);
}
