import { availableParallelism } from 'node:os';
import { defer, finalize, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { concurrencyField } from '../src/base/autoConcurrency.js';
import { milliseconds } from '../src/base/optionFields.js';
import { trackFreshMemory } from '../src/arrays/freshMemory.js';
import { parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import type { ThreadUsage } from '../src/demand/observer.js';
import { moduleSchema, nameOfModule, workerFields, type WorkerOptions } from '../src/workers/host/workerFields.js';
import { WorkerPool } from '../src/workers/host/workerPool.js';
import { inParallel } from './shared/inParallel.js';

/** Options of {@link mapInWorkers}. */
export interface MapInWorkersOptions extends WorkerOptions {
  /** The number of worker threads. Default: the number of CPUs minus one, at least one. */
  readonly workers?: number | undefined;
  /**
   * The maximum number of pending calls and unrequested results, as in `mapAsync`. Default: two for each worker. `auto`
   * does not change the number of workers.
   */
  readonly concurrency?: number | 'auto' | undefined;
  /** If false, emits results as soon as they are available. Default: true. */
  readonly ordered?: boolean | undefined;
  /** The time that idle workers stay alive after the last subscription, in milliseconds. Default: 5000. */
  readonly idleTimeoutMs?: number | undefined;
}

/**
 * The function `map` of a module for {@link mapInWorkers}. Its result must depend only on its arguments, because any
 * worker can receive any item.
 *
 * @param index - the index of the item in the subscription, from 0.
 */
export type WorkerMap<T, R, D = unknown> = (item: T, index: number, data: D) => R | PromiseLike<R>;

/** The options in a declared pipeline, except `module`. */
export const mapInWorkersSchema = lazy(() =>
  z.strictObject({
    workers: positiveInteger()
      .optional()
      .describe('The number of worker threads. Default: one less than the number of CPUs.'),
    concurrency: concurrencyField()
      .optional()
      .describe(
        'The number of items that are processed at the same time, or "auto": found by measurement, at most 64. Default: two for each worker.',
      ),
    ordered: z.boolean().optional().describe('If true, keeps the order of the items. Default: true.'),
    data: z.json().optional().describe('The data that the function of the module receives with each item.'),
    move: workerFields()
      .move.unwrap()
      .optional()
      .describe(
        'The memory to move between threads instead of copying it: "fresh" (newly allocated), "all" or "none". Default: "fresh".',
      ),
    overrun: workerFields().overrun.describe(
      'The reaction to items that arrive without a request: "warn" or "error". Default: "warn".',
    ),
  }),
);

const optionsSchema = lazy(() =>
  z.strictObject({
    ...workerFields(),
    workers: positiveInteger().default(() => Math.max(1, availableParallelism() - 1)),
    concurrency: concurrencyField().optional(),
    ordered: z.boolean().optional(),
    idleTimeoutMs: milliseconds().default(5000),
  }),
);

/**
 * Maps items in worker threads with the function `map` of a module.
 *
 * ```ts
 * import { channel, type NDArray } from 'millrace';
 * import { batch, decodeRecordIO, mapInWorkers } from 'millrace/operators';
 *
 * // augment.js: export function map(image, index, { seed }) { … }
 * const images$ = channel('images').pipe(
 *   decodeRecordIO(),
 *   mapInWorkers<Uint8Array, NDArray<'float32'>>(new URL('./augment.js', import.meta.url), {
 *     data: { seed: 7 },
 *   }),
 *   batch(32),
 * );
 * ```
 *
 * Each call has an overhead of about 15 µs, so put `batch` before `mapInWorkers` if records are small. Items and
 * results are copied to the other thread, or moved (`move`).
 *
 * Memory: up to `concurrency` items. Workers start on demand and are shared by all subscriptions. A worker keeps the
 * process alive only while it processes an item for a subscriber.
 *
 * Throws a ConfigError if `data` cannot be cloned. Fails with:
 *
 * - the error of the function, with its class and fields, in place of the item's result;
 * - a ConfigError if the module cannot be loaded or does not export `map`;
 * - a ValueError with the path of a value that cannot be sent to another thread;
 * - a MillraceError `ERR_WORKER` if a worker exits unexpectedly.
 *
 * @see `docs/guides/workers.md`
 */
export function mapInWorkers<T, R>(module: URL, options: MapInWorkersOptions = {}): OperatorFunction<T, R> {
  const name = `mapInWorkers(${nameOfModule(module)})`;
  parseOptions(name, moduleSchema(), module);
  const checked = parseOptions(name, optionsSchema(), options);
  const { exportName = 'map', concurrency = 2 * checked.workers, ordered = true, overrun, ...rest } = checked;
  trackFreshMemory();
  const pool = new WorkerPool({ ...rest, name, module, exportName });
  const call = (item: T, index: number): Promise<R> => pool.call(item, index) as Promise<R>;
  const start = 2 * checked.workers;
  const automatic = { start, max: Math.max(start, 64) };
  const threads = (): readonly ThreadUsage[] => pool.threads();
  const parallel = { name, concurrency, ordered, overrun, automatic, workers: checked.workers, threads };
  return (source) => {
    const mapped$ = inParallel(source, parallel, call);
    return defer(() => {
      pool.retain();
      return mapped$.pipe(finalize(() => pool.release()));
    });
  };
}
