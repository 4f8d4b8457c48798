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
  /** How many items may be made and not yet taken. Default: 4. */
  readonly items?: number | undefined;
  /** How many bytes they may weigh, besides: at most one item more than fits. Default: no bound. */
  readonly bytes?: number | undefined;
  /** Ends all subscriptions with the signal's reason as an error notification, and the worker. */
  readonly signal?: AbortSignal | undefined;
  /** How long an unsubscribed pipeline may go on with work that does not return, in milliseconds. Default: 5000. */
  readonly unsubscribeTimeoutMs?: number | undefined;
}

/** What {@link inWorker} gives: an Observable that a worker thread stands behind. */
export interface WorkerObservable<T> extends Observable<T> {
  /** Ends the worker now, instead of with the process; resolves when it has ended. Subscribing again starts another. */
  readonly close: () => Promise<void>;
  /** {@link close}, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** The items of a pipeline, an Observable or a function that gives one; anything else is the items' type itself. */
export type ItemsOf<P> =
  P extends Observable<infer T> ? T : P extends (...args: never[]) => Observable<infer T> ? T : P;

const WHY_NOT_RESUMABLE =
  'What its worker has made ahead cannot be told from what was delivered: run the pipeline in this thread, and its costly ' +
  'functions in workers, by mapInWorkers.';

const optionsSchema = z.strictObject({
  ...workerFields,
  items: positiveInteger.default(4),
  bytes: positiveInteger.default(Infinity),
  signal: abortSignal.optional(),
  unsubscribeTimeoutMs: milliseconds.default(5000),
});

/** Threads of Observables that nobody holds any more. */
const unreachable = new FinalizationRegistry((thread: KeptThread) => thread.endWhenIdle());

/**
 * Runs a module's pipeline in a worker thread, and gives its items here: what it costs, training does not wait for.
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
 * tfjs computes on the JavaScript thread: a `prefetch` on that thread overlaps with waiting for input, but not with
 * computing. The module exports `pipeline`, an Observable or a function of `data` that gives one; with
 * `import type { pipeline } from './pipeline.js'` its items are typed as `inWorker<typeof pipeline>`. TypeScript modules
 * run where the process runs under `tsx`.
 *
 * Each subscription is one of the pipeline, an epoch. The worker is started by the first one and stays, so that
 * `shuffle` and `cache` know of the epochs before. It keeps the process alive only while a subscriber waits for an
 * item. It ends with the process, with `close()`, with `signal`, or some time after the Observable has become
 * unreachable.
 *
 * Order is kept. Memory: up to `items` items and `bytes` bytes (at most one item more than fits) that are made and not yet
 * taken, one that is held where the gate has closed meanwhile, and what the pipeline itself holds. Nothing is cloned on
 * this thread: `move` says what memory is moved, and the rest is copied in the worker. Class instances arrive as plain
 * objects, Buffers as Uint8Arrays; functions, and so Observables, cannot be sent.
 *
 * Throws a ConfigError at the call for bad options, and for `data` that cannot be cloned. Notifies what the pipeline
 * notifies, as an instance of the same class with the same fields; a ConfigError where the module cannot be loaded or has
 * no such export; a ValueError with its path for what cannot be sent; a MillraceError `ERR_WORKER` when the worker dies;
 * the signal's reason. Unsubscribing unsubscribes the pipeline: its FIFOs are closed as soon as the work in hand has
 * returned, or by ending the worker after `unsubscribeTimeoutMs`.
 *
 * @typeParam P - the type of the items, or of the pipeline.
 * @param module - the URL of the module, as `new URL('./pipeline.js', import.meta.url)`.
 * @see `docs/guides/workers.md`
 */
export function inWorker<P = unknown>(module: URL, options: InWorkerOptions = {}): WorkerObservable<ItemsOf<P>> {
  const name = `inWorker(${nameOfModule(module)})`;
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

/** Takes items as they are wanted of those that have come. */
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
