import { availableParallelism } from 'node:os';
import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { boundary } from '../src/core/boundary.js';
import { withoutGate } from '../src/core/gate.js';
import type { OverrunPolicy } from '../src/core/overrun.js';
import { parseOptions, positiveInteger } from '../src/core/parseOptions.js';
import { refuseResuming } from '../src/core/pass.js';
import { Queue } from '../src/core/queue.js';

/** Options of {@link mapAsync}. */
export interface MapAsyncOptions {
  /** How many items may be in work or done and not yet wanted. Default: the number of CPUs. */
  readonly concurrency?: number | undefined;
  /** Whether results keep the order of the items. Default: true; false emits them as they are done. */
  readonly ordered?: boolean | undefined;
  /** What to do when the source does not heed the demand. Default: `warn`, once. */
  readonly overrun?: OverrunPolicy | undefined;
}

/**
 * Makes one result of one item.
 *
 * @param index - counts the items of this subscription from 0.
 * @param signal - aborted when the result is no longer wanted.
 */
export type AsyncProject<T, R> = (item: T, index: number, signal: AbortSignal) => PromiseLike<R> | R;

const optionsSchema = z.strictObject({
  concurrency: positiveInteger.default(availableParallelism),
  ordered: z.boolean().default(true),
  overrun: z.enum(['warn', 'error']).optional(),
});

/** A place in the output: its result, or why there is none; nothing while it is in work. */
interface Slot<R> {
  result?: { readonly value: R } | { readonly error: unknown };
}

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
  const { concurrency, ordered, overrun } = parseOptions('mapAsync', optionsSchema, options);
  return (source) =>
    boundary<T, R>(source, { name: 'mapAsync', overrun }, ({ destination, drain }) => {
      if (!ordered) refuseResuming(destination, 'mapAsync', 'Its order depends on timing: leave ordered: false out.');
      const abort = new AbortController();
      const waiting = new Queue<T>();
      // In the order of the items, or of their results.
      const slots = new Queue<Slot<R>>();
      let held = 0;
      let index = 0;

      const start = async (item: T): Promise<void> => {
        const slot: Slot<R> = {};
        held++;
        if (ordered) slots.push(slot);
        try {
          slot.result = { value: await withoutGate(() => project(item, index++, abort.signal)) };
        } catch (error) {
          slot.result = { error };
        }
        if (!ordered) slots.push(slot);
        drain();
      };

      const startWaiting = (): void => {
        while (held < concurrency && waiting.length > 0) void start(waiting.shift() as T);
      };

      return {
        receive: (item) => {
          waiting.push(item);
          startWaiting();
        },
        hasRoom: () => waiting.length + held < concurrency,
        emit: () => {
          const result = slots.peek()?.result;
          if (!result) return false;
          slots.shift();
          held--;
          if ('error' in result) throw result.error;
          destination.next(result.value);
          startWaiting();
          return true;
        },
        isEmpty: () => waiting.length + held === 0,
        clear: () => {
          abort.abort();
          waiting.clear();
          slots.clear();
        },
      };
    });
}
