import { availableParallelism } from 'node:os';
import { defer, finalize, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { milliseconds } from '../src/base/optionFields.js';
import { trackFreshMemory } from '../src/arrays/freshMemory.js';
import { parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { moduleSchema, nameOfModule, workerFields, type WorkerOptions } from '../src/workers/host/workerFields.js';
import { WorkerPool } from '../src/workers/host/workerPool.js';
import { mapAsync } from './mapAsync.js';

/** Options of {@link mapInWorkers}. */
export interface MapInWorkersOptions extends WorkerOptions {
  /** How many threads. Default: the number of CPUs less one, at least one. */
  readonly workers?: number | undefined;
  /** How many items may be in work, or done and not yet taken. Default: two for each worker. */
  readonly concurrency?: number | undefined;
  /** Whether results keep the order of the items. Default: true; false emits them as they are done. */
  readonly ordered?: boolean | undefined;
  /** How long the workers stay after the last subscription has ended, in milliseconds. Default: 5000. */
  readonly idleTimeoutMs?: number | undefined;
}

/**
 * The function that a module exports as `map` for {@link mapInWorkers}. It must depend on one item only.
 *
 * @param index - counts the items of the subscription from 0.
 * @param data - the `data` of the options.
 */
export type WorkerMap<T, R, D = unknown> = (item: T, index: number, data: D) => R | PromiseLike<R>;

/** The options of {@link mapInWorkers} that JSON can hold, besides the module. */
export const mapInWorkersSchema = z.strictObject({
  workers: positiveInteger.optional(),
  concurrency: positiveInteger.optional(),
  ordered: z.boolean().optional(),
  data: z.json().optional(),
  move: workerFields.move.unwrap().optional(),
  overrun: workerFields.overrun,
});

const optionsSchema = z.strictObject({
  ...workerFields,
  workers: positiveInteger.default(() => Math.max(1, availableParallelism() - 1)),
  concurrency: positiveInteger.optional(),
  ordered: z.boolean().optional(),
  idleTimeoutMs: milliseconds.default(5000),
});

/**
 * Maps items through a module's function in several worker threads. Use it for work that costs more than the transfer
 * to the thread and back, such as decoding and augmenting images in JavaScript.
 *
 * ```ts
 * import { channel, type NDArray } from 'millrace';
 * import { batch, decodeRecordIO, mapInWorkers } from 'millrace/operators';
 *
 * // augment.js: export function map(image, index, { seed }) { … }
 * const images$ = channel('images').pipe(
 *   decodeRecordIO(),
 *   mapInWorkers<Uint8Array, NDArray<'float32'>>(new URL('./augment.js', import.meta.url), {
 *     workers: 4,
 *     data: { seed: 7 },
 *   }),
 *   batch(32),
 * );
 * ```
 *
 * The module exports `map`, a pure function of the item, its index and `data`; it may return a promise. A call costs
 * about 15 µs besides the work itself, so batch small records first. Items and results are passed as by `inWorker`.
 * They are not cloned: memory is moved if `move` allows it, and otherwise copied by the sending thread. TypeScript
 * modules run if the process runs under `tsx`.
 *
 * Order is kept unless `ordered` is false. Memory: up to `concurrency` items in work or done. Workers are started when
 * they are needed, and all subscriptions share them. They end `idleTimeoutMs` after the last subscription. They keep
 * the process alive only while they work on an item for a subscriber.
 *
 * Throws a ConfigError at the call for bad options, and for `data` that cannot be cloned. Notifies an error of the
 * function in its item's place, as an instance of the same class with the same fields. Notifies a ConfigError if the
 * module cannot be loaded or has no such export, a ValueError with the path of a value that cannot be sent, and a
 * MillraceError `ERR_WORKER` if a worker dies. Unsubscribing drops the items in work.
 *
 * @param module - the URL of the module, as `new URL('./augment.js', import.meta.url)`.
 * @see `docs/guides/workers.md`
 */
export function mapInWorkers<T, R>(module: URL, options: MapInWorkersOptions = {}): OperatorFunction<T, R> {
  const name = `mapInWorkers(${nameOfModule(module)})`;
  parseOptions(name, moduleSchema, module);
  const checked = parseOptions(name, optionsSchema, options);
  const { exportName = 'map', concurrency = 2 * checked.workers, ordered, overrun, ...rest } = checked;
  trackFreshMemory();
  const pool = new WorkerPool({ ...rest, name, module, exportName });
  const map = mapAsync((item: T, index) => pool.call(item, index) as Promise<R>, { concurrency, ordered, overrun });
  return (source) =>
    defer(() => {
      pool.retain();
      return source.pipe(
        map,
        finalize(() => pool.release()),
      );
    });
}
