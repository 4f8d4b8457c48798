import type { MonoTypeOperatorFunction, Subscriber } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { cursorSchema, type Cursor } from '../src/resume/cursor.js';
import { ConfigError } from '../src/base/errors.js';
import { carriedBelow } from '../src/demand/carried.js';
import { Ledger } from '../src/resume/ledger.js';
import { HOLDS, type Handlers } from '../src/demand/operate.js';
import { parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { endSubscribing, PASS, underPass, type Pass } from '../src/resume/pass.js';
import { markResumed } from '../src/resume/resumedPasses.js';

/** Options of {@link resumable}. */
export interface ResumableOptions {
  /** The position to continue from. Default: the start of epoch 0. */
  readonly cursor?: Cursor | undefined;
  /**
   * The names of the Pipe mode channels with a `ShuffleConfig`. The container cannot read this setting. Each FIFO of
   * these channels has a different order of files, so epoch n is always read from FIFO `_n`. Other channels may be read
   * from any FIFO. Default: no channels.
   */
  readonly shuffledChannels?: readonly string[] | undefined;
  /**
   * The number of consecutive records in each item: 64 after `batch(64)`, 1 without a batch or after `globalBatches`.
   * If set, a resumed epoch is read from about 1 MiB before the next record, or from the start of the record's file.
   * Default: a resumed epoch is read again from its start.
   *
   * Set `recordsPerItem` only if each item depends only on its own records: not after `shuffle`, `filter`, `take`,
   * `skip` or `scan`. The only input must be `recordsFromFiles`, `fromParquet`, `globalBatches`, or `records` in File
   * mode. `globalBatches` can be in `inWorker`, if `recordsPerItem` is 1.
   */
  readonly recordsPerItem?: number | undefined;
}

/** The operator that {@link resumable} returns. */
export interface ResumableOperator<T> extends MonoTypeOperatorFunction<T> {
  /** Returns the position of the next item to deliver. */
  readonly cursor: () => Cursor;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    cursor: cursorSchema().optional(),
    shuffledChannels: z.array(z.string().min(1)).default([]),
    recordsPerItem: positiveInteger().optional(),
  }),
);

/**
 * Makes a pipeline resumable, like `tf.data`'s iterator checkpoints: a new process continues with the first undelivered
 * item.
 *
 * ```ts
 * import { channel, loadCursor, saveCursor, toAsyncIterable, trainingJob } from 'millrace';
 * import { batch, decodeTFRecord, prefetch, resumable, shuffle } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const job = trainingJob();
 * const path = `${job.checkpointDir}/cursor-${job.currentHost}.json`; // each host has its own
 * const resume = resumable<Uint8Array[]>({ cursor: loadCursor(path) });
 * const batches$ = channel('train').pipe(decodeTFRecord(), shuffle(10_000, { seed: 7 }), batch(64), prefetch(4), resume);
 *
 * const epochs = 20 - resume.cursor().epoch;
 * for await (const records of toAsyncIterable(batches$.pipe(repeat(epochs)))) {
 *   console.log(records.length); // train, and sometimes save the model
 *   saveCursor(path, resume.cursor());
 * }
 * ```
 *
 * Put `resumable` at the end of the pipeline, before `repeat`. Each subscription reads the next epoch. After an error,
 * the next subscription reads the failed epoch again. With a saved cursor, the first subscription reads the saved epoch
 * again, and drops the items already delivered. `shuffle` and `shuffleSeed` use the epoch number of the cursor.
 *
 * The pipeline must produce the same items each time. These cause an error: `mergeChannels`, `mapAsync` with `ordered:
 * false`, `broadcast`, `share`, a `shuffle` or another random stage without `seed`, and a downstream operator that
 * buffers items. It is also an error if the stages, seeds, inputs, hosts or input bytes have changed since the cursor
 * was saved. `docs/guides/resume.md` lists the changes that are not detected.
 *
 * Throws a ConfigError if the operator is applied to a second pipeline. Fails with a ConfigError if the pipeline cannot
 * be resumed or does not match the cursor, or if the numbers of records and items in an epoch do not match
 * `recordsPerItem`.
 *
 * @see https://www.tensorflow.org/guide/data#iterator_checkpointing
 */
export function resumable<T>(options: ResumableOptions = {}): ResumableOperator<T> {
  const { cursor, shuffledChannels, recordsPerItem } = parseOptions('resumable', optionsSchema(), options, {
    form: 'resumable({ cursor })',
  });
  const progress = new Progress<T>(cursor, shuffledChannels, recordsPerItem);
  let isApplied = false;
  const operator: MonoTypeOperatorFunction<T> = (source) => {
    if (isApplied)
      throw refusal('the same operator is used in two pipelines. Call resumable() once for each pipeline.');
    isApplied = true;
    const resumed = underPass(source, (destination) => progress.begin(destination));
    if (cursor !== undefined && (cursor.items > 0 || cursor.parts)) markResumed(resumed);
    return resumed;
  };
  return Object.assign(operator, { cursor: () => progress.cursor() });
}

class Progress<T> {
  readonly #ledger: Ledger;
  /** True if the source skips the records of delivered items. */
  readonly #seeks: boolean;
  #epoch: number;
  #items: number;
  /** The number of delivered parts of the next item, if the threads of `inWorker` deliver parts. */
  #part: number;
  /** The loaded cursor, until the first item after its position is delivered. */
  #saved: Cursor | undefined;
  #current: Pass | undefined;
  #isBetweenEpochs = true;

  constructor(saved: Cursor | undefined, shuffledChannels: readonly string[], recordsPerItem: number | undefined) {
    this.#ledger = new Ledger(shuffledChannels, recordsPerItem, () => this.#items);
    this.#seeks = recordsPerItem !== undefined;
    this.#saved = saved;
    this.#epoch = saved?.epoch ?? 0;
    this.#items = saved?.items ?? 0;
    this.#part = saved?.parts?.delivered ?? 0;
  }

  cursor(): Cursor {
    if (this.#saved) return this.#saved;
    const inputs = this.#ledger.read(this.#isBetweenEpochs ? 'between epochs' : 'epoch');
    const { threads } = this.#ledger;
    const parts = this.#part > 0 && { parts: { delivered: this.#part, threads } };
    return { epoch: this.#epoch, items: this.#items, ...parts, ...inputs };
  }

  begin(destination: Subscriber<T>): { pass: Pass; handlers: Handlers<T> } {
    requirePlace(destination);
    if (this.#current)
      throw refusal(
        'the pipeline has a second subscription at the same time. End the first subscription before the second, ' +
          'or create a second pipeline.',
      );
    if (!this.#saved && !this.#isBetweenEpochs) this.#beginNextEpoch();
    this.#isBetweenEpochs = false;
    this.#ledger.begin(this.#saved);
    const pass: Pass = { epoch: this.#epoch, ledger: this.#ledger };
    this.#current = pass;
    destination.add(() => {
      if (this.#current === pass) this.#current = undefined;
    });
    return { pass, handlers: this.#handlersOf(pass, destination) };
  }

  #handlersOf(pass: Pass, destination: Subscriber<T>): Handlers<T> {
    let toSkip = this.#seeks ? 0 : this.#items;
    const startFlow = (): void => {
      endSubscribing(pass);
      this.#ledger.seal();
    };
    return {
      next: (item) => {
        startFlow();
        if (toSkip > 0 && toSkip-- > 0) return;
        this.#ledger.requireItems(this.#items + 1, 'an item');
        this.#saved = undefined;
        this.#count();
        destination.next(item);
      },
      error: (error) => {
        endSubscribing(pass);
        this.#saved = this.cursor();
        this.#current = undefined;
        destination.error(error);
      },
      complete: () => {
        startFlow();
        if (toSkip > 0) throw endedEarly(this.#items, toSkip);
        this.#ledger.requireItems(this.#items, 'the end');
        this.#ledger.finish();
        this.#saved = undefined;
        this.#current = undefined;
        this.#beginNextEpoch();
        destination.complete();
      },
    };
  }

  #count(): void {
    this.#part++;
    if (this.#part < this.#ledger.threads) return;
    this.#part = 0;
    this.#items++;
  }

  #beginNextEpoch(): void {
    this.#epoch++;
    this.#items = 0;
    this.#part = 0;
    this.#isBetweenEpochs = true;
  }
}

function requirePlace(destination: Subscriber<unknown>): void {
  const bufferingStage = carriedBelow(destination, HOLDS) as string | undefined;
  if (bufferingStage)
    throw refusal(
      `${bufferingStage} comes after resumable and buffers items. The cursor would count these items as ` +
        'delivered before the consumer receives them. Put resumable last.',
    );
  if (carriedBelow(destination, PASS))
    throw refusal('the pipeline has two resumable operators. Keep only the last one.');
}

function endedEarly(saved: number, missing: number): ConfigError {
  return new ConfigError(
    `resumable: the cursor was saved after ${saved} items of the epoch, but the epoch has only ${saved - missing}. ` +
      'Resume with the same inputs and stages as the run that saved the cursor, or start without a cursor.',
    { path: 'cursor.items' },
  );
}

function refusal(why: string): ConfigError {
  return new ConfigError(`resumable: ${why}`, { path: '' });
}
