import type { Observable } from 'rxjs';
import { z } from 'zod';
import { abortSignal, milliseconds } from '../base/optionFields.js';
import { parseOptions, positiveInteger } from '../base/parseOptions.js';
import { refusingToResume } from '../resume/pass.js';
import { pullSource, type Outlet, type Puller } from '../demand/pullSource.js';
import { Queue } from '../base/queue.js';
import { KeptThread } from '../workers/host/keptThread.js';
import type { Run } from '../workers/host/pipelineThread.js';
import { moduleSchema, nameOfModule, workerFields, type WorkerOptions } from '../workers/host/workerFields.js';
import { abortable } from './abortable.js';

/** Options of {@link inWorker}. */
export interface InWorkerOptions extends WorkerOptions {
  /** The maximum number of items that the worker produces ahead of demand. Default: 4. */
  readonly items?: number | undefined;
  /**
   * The maximum total size of the items ahead of demand, in bytes. The worker can exceed it by one item. Default: no
   * limit.
   */
  readonly bytes?: number | undefined;
  /** When the signal is aborted, the worker ends, and all subscriptions fail with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The time that blocking work may continue after an unsubscription, in milliseconds, before the worker is terminated.
   * Default: 5000.
   */
  readonly unsubscribeTimeoutMs?: number | undefined;
}

/** An Observable whose items come from a worker thread. */
export interface WorkerObservable<T> extends Observable<T> {
  /** Ends the worker immediately. Resolves when the worker has ended. A later subscription starts a new worker. */
  readonly close: () => Promise<void>;
  /** Calls {@link close}. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * The type of a pipeline's items. `P` is the type of the pipeline (an Observable, or a function that returns an
 * Observable), or already the type of the items.
 */
export type ItemsOf<P> =
  P extends Observable<infer T> ? T : P extends (...args: never[]) => Observable<infer T> ? T : P;

const WHY_NOT_RESUMABLE =
  'The cursor would also count items that the worker has prepared but not delivered. Run the pipeline on this ' +
  'thread, and run slow functions in workers with mapInWorkers.';

const optionsSchema = z.strictObject({
  ...workerFields,
  items: positiveInteger.default(4),
  bytes: positiveInteger.default(Infinity),
  signal: abortSignal.optional(),
  unsubscribeTimeoutMs: milliseconds.default(5000),
});

const unreachable = new FinalizationRegistry((thread: KeptThread) => thread.endWhenIdle());

/**
 * Runs a module's pipeline in a worker thread, and emits its items on this thread.
 *
 * ```ts
 * import { inWorker } from 'millrace';
 * import type { NDArray } from 'millrace';
 *
 * // pipeline.js: export const pipeline = channel('train').pipe(decodeTFRecord(), shuffle(10_000), batch(64), …);
 * type Batch = { xs: NDArray<'float32'>; ys: NDArray<'float32'> };
 * const batches$ = inWorker<Batch>(new URL('./pipeline.js', import.meta.url), { items: 8 });
 * ```
 *
 * A training step of tfjs blocks the JavaScript thread, so a `prefetch()` on that thread prepares no batches during the
 * step. The module exports `pipeline`, which is an Observable, or a function that receives `data` and returns an
 * Observable. `inWorker<typeof pipeline>` infers the item type from the pipeline. A TypeScript module needs the package
 * `tsx`, or a Node.js version with type stripping.
 *
 * Each subscription subscribes to the pipeline for one epoch. The worker continues to run when a subscription ends, so
 * `shuffle()` and `cache()` keep their state. The worker keeps the process alive only while a subscriber waits for an
 * item. The worker ends with the process, after `close()`, when `signal` is aborted, or some time after the Observable
 * is garbage-collected.
 *
 * Memory: up to `items` items and `bytes` bytes, one further item, and the pipeline's buffers. The worker moves or
 * copies the memory (`move`), so this thread copies nothing. Class instances arrive as plain objects, and Buffers as
 * Uint8Arrays. Functions and Observables cannot be sent.
 *
 * Throws a ConfigError if `data` cannot be cloned. The Observable fails with:
 *
 * - an error of the pipeline, with its class and fields;
 * - a ConfigError if the module cannot be loaded or does not export `pipeline`;
 * - a ValueError with the path of a part that cannot be sent to another thread;
 * - a MillraceError `ERR_WORKER` if the worker ends unexpectedly.
 *
 * Unsubscribing closes the FIFOs of the pipeline when the worker has finished its current synchronous work.
 *
 * @see `docs/guides/workers.md`
 */
export function inWorker<P = unknown>(module: URL, options: InWorkerOptions = {}): WorkerObservable<ItemsOf<P>> {
  return namedWorker<P>(`inWorker(${nameOfModule(module)})`, module, options);
}

export function namedWorker<P>(name: string, module: URL, options: InWorkerOptions): WorkerObservable<ItemsOf<P>> {
  parseOptions(name, moduleSchema, module);
  const checked = parseOptions(name, optionsSchema, options);
  const { items, bytes, signal, exportName = 'pipeline', ...rest } = checked;
  const thread = new KeptThread({ ...rest, name, module, exportName, credit: { items, bytes } });
  const run$ = pullSource<unknown>((outlet) => new WorkerPuller(thread, outlet), name);
  const items$ = refusingToResume(run$, name, WHY_NOT_RESUMABLE).pipe(abortable(signal));
  const close = (): Promise<void> => thread.close();
  const observable = Object.assign(items$, { close, [Symbol.asyncDispose]: close });
  unreachable.register(observable, thread);
  signal?.addEventListener('abort', () => thread.endWhenIdle(), { once: true });
  return observable as WorkerObservable<ItemsOf<P>>;
}

class WorkerPuller implements Puller {
  readonly #outlet: Outlet<unknown>;
  readonly #arrived = new Queue<{ readonly item: unknown; readonly bytes: number }>();
  readonly #run: Run;
  #end: (() => void) | undefined;
  #isWanted = false;

  constructor(thread: KeptThread, outlet: Outlet<unknown>) {
    this.#outlet = outlet;
    this.#run = thread.start({
      next: (item, bytes) => {
        this.#arrived.push({ item, bytes });
        this.#serve();
      },
      error: (error) => this.#endWith(() => outlet.fail(error)),
      complete: () => this.#endWith(() => outlet.complete()),
    });
  }

  readonly pull = (): void => {
    this.#isWanted = true;
    this.#serve();
    if (this.#isWanted) this.#run.wait(true);
  };

  readonly close = (): void => {
    this.#arrived.clear();
    this.#run.unsubscribe();
  };

  #endWith(end: () => void): void {
    this.#end = end;
    this.#serve();
  }

  #serve(): void {
    if (!this.#isWanted) return;
    const first = this.#arrived.shift();
    if (first) {
      this.#isWanted = false;
      this.#run.wait(false);
      this.#run.taken(first.bytes);
      this.#outlet.deliver(first.item);
    } else this.#end?.();
  }
}
