import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { abortSignal, milliseconds } from '../base/optionFields.js';
import { parseOptions, positiveInteger } from '../base/parseOptions.js';
import { newReaders } from '../base/threadGroups.js';
import { passOf, refuseResuming, UNORDERED } from '../resume/pass.js';
import { pullSource, type Outlet } from '../demand/pullSource.js';
import { KeptThread } from '../workers/host/keptThread.js';
import { MergedRuns } from '../workers/host/mergedRuns.js';
import type { Epoch } from '../workers/host/pipelineThread.js';
import { moduleSchema, nameOfModule, workerFields, type WorkerOptions } from '../workers/host/workerFields.js';
import { abortable } from './abortable.js';

/** Options of {@link inWorker}. */
export interface InWorkerOptions extends WorkerOptions {
  /**
   * The number of threads. Each thread calls the module's function with `data` and its own {@link WorkerPlace}, and
   * must emit its part of the items. Default: 1.
   */
  readonly workers?: number | undefined;
  /** If true, emits one item of each unfinished thread in turn. If false, emits items as they arrive. Default: true. */
  readonly ordered?: boolean | undefined;
  /**
   * The number of epochs that will be subscribed. If set, the worker starts the next epoch (opens the FIFO, and fills
   * the buffers) while the consumer reads the last items of an epoch. If the consumer stops before the last epoch, one
   * opened FIFO can remain unread. Default: the worker starts an epoch when the consumer subscribes to it.
   */
  readonly epochs?: number | undefined;
  /** The maximum number of items that a worker produces ahead of demand. Default: 4. */
  readonly items?: number | undefined;
  /** The maximum total size of the items ahead of demand, in bytes. Default: no limit. */
  readonly bytes?: number | undefined;
  /** If aborted, the worker ends, and all subscriptions fail with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The time that blocking work may continue after an unsubscription, in milliseconds, before the worker is terminated.
   * Default: 5000.
   */
  readonly unsubscribeTimeoutMs?: number | undefined;
}

/** An Observable whose items come from a worker thread. */
export interface WorkerObservable<T> extends Observable<T> {
  /** Ends the worker immediately. Resolves when it has ended. A later subscription starts a new worker. */
  readonly close: () => Promise<void>;
  /** Calls {@link close}. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** The type of a pipeline's items. `P` is an Observable, a function that returns one, or the type of the items. */
export type ItemsOf<P> =
  P extends Observable<infer T> ? T : P extends (...args: never[]) => Observable<infer T> ? T : P;

const optionsSchema = lazy(() =>
  z.strictObject({
    ...workerFields(),
    workers: positiveInteger().default(1),
    ordered: z.boolean().default(true),
    epochs: z.int().nonnegative().default(0),
    items: positiveInteger().default(4),
    bytes: positiveInteger().default(Infinity),
    signal: abortSignal().optional(),
    unsubscribeTimeoutMs: milliseconds().default(5000),
  }),
);

const unreachable = new FinalizationRegistry(endWhenIdle);

/**
 * Runs a module's pipeline in a worker thread, and emits its items on this thread.
 *
 * ```ts
 * import { inWorker, type NDArray } from 'millrace';
 *
 * // pipeline.js: export const pipeline = channel('train').pipe(decodeTFRecord(), shuffle(10_000), batch(64), …);
 * type Batch = { xs: NDArray<'float32'>; ys: NDArray<'float32'> };
 * const batches$ = inWorker<Batch>(new URL('./pipeline.js', import.meta.url), { items: 8 });
 * ```
 *
 * A training step of tfjs blocks its thread, so a `prefetch()` on this thread prepares no batches during the step. The
 * module exports `pipeline`: an Observable, or a function of `data` and a {@link WorkerPlace} that returns one.
 * `inWorker<typeof pipeline>` infers the item type. A TypeScript module needs the package `tsx`, or a Node.js version
 * with type stripping.
 *
 * Each subscription is one epoch of the pipeline. The worker continues to run after the epoch, so `shuffle()` and
 * `cache()` keep their state. It keeps the process alive only while a subscriber waits for an item. It ends with the
 * process, after `close()`, when `signal` is aborted, or some time after the Observable is garbage-collected.
 *
 * With `workers`, an error takes the place of the next item of its thread. But a ConfigError is emitted at once. A
 * downstream `resumable` stores the stages and inputs of each thread, and reads a resumed epoch again from its start.
 *
 * Memory of each thread: up to `items` items and `bytes` bytes, one further item, and the pipeline's buffers. The
 * worker moves or copies the memory (`move`), so this thread copies nothing. Class instances arrive as plain objects,
 * and Buffers as Uint8Arrays. Functions and Observables cannot be sent.
 *
 * Throws a ConfigError if `data` cannot be cloned. Fails with:
 *
 * - an error of the pipeline, with its class and fields;
 * - a ConfigError if the module cannot be loaded or does not export `pipeline`, or if the pipelines of several threads
 *   do not use their `index`, or read the same channel or FIFO;
 * - a ValueError with the path of a part that cannot be sent to another thread;
 * - a MillraceError `ERR_WORKER` if a worker ends unexpectedly. With several workers, its message contains the index.
 *
 * Unsubscribing closes the FIFOs of the pipeline when the worker has finished its current synchronous work.
 *
 * @see `docs/guides/workers.md`
 */
export function inWorker<P = unknown>(module: URL, options: InWorkerOptions = {}): WorkerObservable<ItemsOf<P>> {
  return namedWorker<P>(`inWorker(${nameOfModule(module)})`, module, options);
}

export function namedWorker<P>(name: string, module: URL, options: InWorkerOptions): WorkerObservable<ItemsOf<P>> {
  parseOptions(name, moduleSchema(), module);
  const checked = parseOptions(name, optionsSchema(), options);
  const { items, bytes, signal, workers, ordered, epochs, exportName = 'pipeline', ...rest } = checked;
  const shared = { ...rest, module, exportName, credit: { items, bytes } };
  const readers = newReaders();
  const threads = Array.from({ length: workers }, (_, index) => {
    const place = { count: workers, index };
    if (workers === 1) return new KeptThread({ ...shared, name, place });
    return new KeptThread({ ...shared, name: `${name}[${index}]`, place, group: { name, index, readers } });
  });
  let started = 0;
  const run$ = pullSource<unknown>((outlet) => {
    started++;
    return startAll(outlet, { name, threads, ordered, exportName, isFollowed: started < epochs });
  }, name);
  const close = async (): Promise<void> => void (await Promise.all(threads.map((thread) => thread.close())));
  const observable = Object.assign(run$.pipe(abortable(signal)), { close, [Symbol.asyncDispose]: close });
  unreachable.register(observable, threads);
  signal?.addEventListener('abort', () => endWhenIdle(threads), { once: true });
  return observable as WorkerObservable<ItemsOf<P>>;
}

function endWhenIdle(threads: readonly KeptThread[]): void {
  for (const thread of threads) thread.endWhenIdle();
}

interface StartOptions {
  readonly name: string;
  readonly threads: readonly KeptThread[];
  readonly ordered: boolean;
  readonly exportName: string;
  readonly isFollowed: boolean;
}

/** Starts an epoch in each thread. Sends the threads the state of a downstream `resumable`. */
function startAll(
  outlet: Outlet<unknown>,
  { name, threads, ordered, exportName, isFollowed }: StartOptions,
): MergedRuns {
  const workers = threads.length;
  if (workers > 1 && !ordered) refuseResuming(outlet.destination, name, UNORDERED);
  const { epoch, ledger } = passOf(outlet.destination) ?? {};
  const positions = ledger?.workers(name, { exportName, workers });
  const { shuffledChannels = [] } = ledger ?? {};
  const epochOf = (index: number): Epoch => ({
    pass:
      positions && epoch !== undefined
        ? {
            ledger: positions.id,
            epoch,
            shuffledChannels,
            saved: positions.saved?.[index],
            steps: positions.steps?.[index],
          }
        : undefined,
    // The next epoch would read the next FIFO. With `shuffledChannels`, a resumed job must find this FIFO unread.
    isFollowed: isFollowed && shuffledChannels.length === 0,
  });
  return new MergedRuns(outlet, {
    starts: threads.map((thread, index) => (listener) => thread.start(listener, epochOf(index))),
    ordered,
    name,
    first: positions?.firstPart ?? 0,
    threads: () => threads.flatMap((thread, index) => thread.usage(index)),
    onPosition: positions && ((index, cursor) => positions.update(index, cursor)),
  });
}
