import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { abortSignal, positiveMilliseconds } from '../base/optionFields.js';
import { callback, parseOptions, positiveInteger } from '../base/parseOptions.js';
import { pullSource } from '../demand/pullSource.js';
import { passOf, refuseResuming, UNORDERED } from '../resume/pass.js';
import { abortable } from '../sources/abortable.js';
import type { ItemsOf } from '../sources/inWorker.js';
import { moduleSchema, nameOfModule } from '../workers/host/workerFields.js';
import { jobField, jobOrEnvironment, natsFields, type NatsOptions } from './connect.js';
import { moduleDigest } from './moduleDigest.js';
import { TrainerRun } from './trainer/trainerRun.js';

/** The splits of each epoch, or a function that returns the splits of one epoch. A split is a part of the data. */
export type Splits = readonly unknown[] | ((epoch: number) => readonly unknown[] | PromiseLike<readonly unknown[]>);

/** Options of {@link onHosts}. */
export interface OnHostsOptions extends NatsOptions {
  /**
   * The name of the job, also passed to its helpers: letters, digits, `_` and `-`. Each trainer needs a different name.
   * Default: the environment variable `MILLRACE_JOB`.
   */
  readonly job?: string | undefined;
  /** The parts of the data, for example the paths of files: any values that structured clone accepts. */
  readonly splits: Splits;
  /** The name of the module's exported function. Default: `pipeline`. */
  readonly exportName?: string | undefined;
  /** The first argument for the module's function: any value that structured clone accepts. */
  readonly data?: unknown;
  /**
   * If true, emits all items of a split before those of the next split. If false, emits items as they arrive. Default:
   * true.
   */
  readonly ordered?: boolean | undefined;
  /**
   * The maximum number of splits that are queued or in work. Use at least two for each thread of a helper. Default: 16.
   */
  readonly concurrency?: number | undefined;
  /** The maximum number of items in the trainer's buffer. Default: 32. */
  readonly items?: number | undefined;
  /** The maximum total size of the items in the buffer, in bytes. Default: 256 MiB. */
  readonly bytes?: number | undefined;
  /** The Observable fails when one split has failed this many times. Default: 3. */
  readonly attempts?: number | undefined;
  /** If a helper is silent for this time in milliseconds, another helper gets its split. Default: 10000. */
  readonly ackWaitMs?: number | undefined;
  /**
   * The Observable fails if an item is requested, but no helper works for this time in milliseconds. Default: 60000.
   */
  readonly helperTimeoutMs?: number | undefined;
  /** If the signal is aborted, the subscription fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    ...natsFields(),
    job: jobField().optional(),
    splits: z.union([z.array(z.unknown()), callback<Extract<Splits, (...args: never[]) => unknown>>()]),
    exportName: z.string().min(1).default('pipeline'),
    data: z.unknown().optional(),
    ordered: z.boolean().default(true),
    concurrency: positiveInteger().default(16),
    items: positiveInteger().default(32),
    bytes: positiveInteger().default(2 ** 28),
    attempts: positiveInteger().default(3),
    ackWaitMs: positiveMilliseconds().default(10_000),
    helperTimeoutMs: positiveMilliseconds().default(60_000),
    signal: abortSignal().optional(),
  }),
);

/**
 * Runs a module's pipeline in helper processes, which may be on other machines, and emits the items.
 *
 * ```ts
 * import type { NDArray } from 'millrace';
 * import { onHosts } from 'millrace/nats';
 *
 * type Batch = { xs: NDArray<'float32'>; ys: NDArray<'float32'> };
 * const batches$ = onHosts<Batch>(new URL('./pipeline.js', import.meta.url), {
 *   servers: 'nats://queue:4222',
 *   job: 'digits',
 *   splits: ['/data/0.tfrecord', '/data/1.tfrecord'],
 * });
 * ```
 *
 * Start helpers with `millrace work --servers nats://queue:4222 --job digits --module ./pipeline.js`. Helpers can start
 * and stop at any time. The module exports `pipeline`: a function of `data` and a {@link SplitPlace} that returns an
 * Observable. The items must depend only on `data`, `split`, `index` and `epoch`. If a helper dies, another helper
 * computes its split again. `onHosts` continues with the first item that has not arrived, so each item is emitted once.
 *
 * Each subscription is one epoch. With `ordered`, the items and their order are the same as on one machine. A
 * downstream `resumable` stores the epoch and the number of items. A resumed epoch is computed again from its start.
 *
 * The splits are messages in a work queue of NATS JetStream, and items are sent directly to the trainer, so the server
 * stores no items. Memory of the trainer, for any number of helpers: the limits of `items` and `bytes`, one more item,
 * and 1.1 MiB × `concurrency`. A helper buffers up to 4 items for each thread.
 *
 * Throws a ConfigError for wrong options. Fails with:
 *
 * - a ChannelError `ERR_CHANNEL_IO` if the server cannot be reached, refuses the credentials or the job (also during a
 *   run), or has no JetStream;
 * - a ConfigError if a package of NATS is not installed, if the module, the credentials or a file for TLS cannot be
 *   read, if a split or `data` cannot be sent, if another trainer uses the job, or if every helper has another version
 *   of the module;
 * - the pipeline's error, with its class and fields, if a split has failed `attempts` times;
 * - a MillraceError `ERR_WORKER` that names the split, if `attempts` helpers died while they worked on this split;
 * - a MillraceError `ERR_WORKER` if no helper works for `helperTimeoutMs`.
 *
 * If the server restarts, the trainer and the helpers connect again, and continue. Unsubscribing removes the work
 * queue, and the helpers wait for the next epoch.
 *
 * @see `docs/guides/helpers.md`
 */
export function onHosts<P = unknown>(module: URL, options: OnHostsOptions): Observable<ItemsOf<P>> {
  const name = `onHosts(${nameOfModule(module)})`;
  parseOptions(name, moduleSchema(), module);
  const { splits, signal, ...checked } = parseOptions(name, optionsSchema(), options);
  const job = jobOrEnvironment(name, checked.job);
  let started = 0;
  let previous = Promise.resolve();
  const run$ = pullSource<unknown>((outlet) => {
    if (!checked.ordered) refuseResuming(outlet.destination, name, UNORDERED);
    const pass = passOf(outlet.destination);
    pass?.ledger.stage('onHosts', { exportName: checked.exportName });
    const epoch = pass?.epoch ?? started++;
    const run = new TrainerRun(outlet, {
      ...{ ...checked, name, job, epoch, previous },
      data: checked.data,
      nats: checked,
      digest: () => moduleDigest(name, module),
      splits: typeof splits === 'function' ? () => splits(epoch) : () => splits,
    });
    previous = run.ended;
    return run;
  }, name);
  return run$.pipe(abortable<unknown>(signal)) as Observable<ItemsOf<P>>;
}
