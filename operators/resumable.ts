import type { MonoTypeOperatorFunction, Subscriber } from 'rxjs';
import { z } from 'zod';
import { cursorSchema, type Cursor } from '../src/resume/cursor.js';
import { ConfigError } from '../src/base/errors.js';
import { carriedBelow } from '../src/demand/carried.js';
import { Ledger } from '../src/resume/ledger.js';
import { HOLDS, type Handlers } from '../src/demand/operate.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { endSubscribing, PASS, underPass, type Pass } from '../src/resume/pass.js';
import { markResumed } from '../src/resume/resumedPasses.js';

/** Options of {@link resumable}. */
export interface ResumableOptions {
  /** Where to go on. Default: at the beginning of epoch 0. */
  readonly cursor?: Cursor | undefined;
  /**
   * The channels in Pipe mode for which the job has a `ShuffleConfig`, so that each FIFO has an order of its own: epoch n
   * is then read from FIFO `_n`, and those before it are opened and closed. Nothing in the container tells. Default: none;
   * any FIFO will do.
   */
  readonly shuffledChannels?: readonly string[] | undefined;
}

/** The operator that {@link resumable} makes; it tells where its pipeline stands. */
export interface ResumableOperator<T> extends MonoTypeOperatorFunction<T> {
  /** What to resume from so that all items follow that have not been delivered so far. */
  readonly cursor: () => Cursor;
}

const optionsSchema = z.strictObject({
  cursor: cursorSchema.optional(),
  shuffledChannels: z.array(z.string().min(1)).default([]),
});

/**
 * Lets a pipeline be stopped and, in a new process, go on with exactly the items that it has not yet delivered: what
 * `tf.data` has iterator checkpoints for.
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
 *   console.log(records.length); // train, and now and then save the model
 *   saveCursor(path, resume.cursor());
 * }
 * ```
 *
 * It stands last, above `repeat`: each subscription is the next epoch. On the first one the pipeline reads the saved
 * epoch again from its beginning, and what had been delivered is dropped here. Orders that change from epoch to epoch
 * (`shuffle`, `shuffleSeed`) follow the cursor's epoch. A subscription that fails is followed by one that resumes; one
 * that is left early by the next epoch.
 *
 * The pipeline has to give the same items each time: `mergeChannels`, unordered `mapAsync`, `broadcast`, seeds that are
 * drawn, and `share` are refused where they are subscribed. So are operators below it in which delivered items would
 * wait. Stages, seeds, inputs and hosts that differ from the cursor's are refused by name, and the bytes that are read
 * again are compared by checksums. `docs/guides/resume.md` says what cannot be known.
 *
 * Order is kept; nothing is held. Throws a ConfigError at the call for bad options, and when it is applied to a second
 * pipeline. Notifies a ConfigError for everything that is refused.
 *
 * @see https://www.tensorflow.org/guide/data#iterator_checkpointing
 */
export function resumable<T>(options: ResumableOptions = {}): ResumableOperator<T> {
  const { cursor, shuffledChannels } = parseOptions('resumable', optionsSchema, options, {
    form: 'resumable({ cursor })',
  });
  const progress = new Progress<T>(new Ledger(shuffledChannels), cursor);
  let isApplied = false;
  const operator: MonoTypeOperatorFunction<T> = (source) => {
    if (isApplied) throw refusal('it keeps the cursor of one pipeline, and this is a second one. Make one for each.');
    isApplied = true;
    const resumed = underPass(source, (destination) => progress.begin(destination));
    if (cursor !== undefined && cursor.items > 0) markResumed(resumed);
    return resumed;
  };
  return Object.assign(operator, { cursor: () => progress.cursor() });
}

/** How far a pipeline has come, over all its passes. */
class Progress<T> {
  readonly #ledger: Ledger;
  #epoch: number;
  #items: number;
  /** What the next pass resumes from, and this one until it has delivered an item that the cursor does not count. */
  #saved: Cursor | undefined;
  #current: Pass | undefined;
  #isBetweenEpochs = true;

  constructor(ledger: Ledger, saved: Cursor | undefined) {
    this.#ledger = ledger;
    this.#saved = saved;
    this.#epoch = saved?.epoch ?? 0;
    this.#items = saved?.items ?? 0;
  }

  cursor(): Cursor {
    if (this.#saved) return this.#saved;
    const known = this.#ledger.read(this.#isBetweenEpochs ? 'between epochs' : 'epoch');
    return { version: 1, epoch: this.#epoch, items: this.#items, ...known };
  }

  begin(destination: Subscriber<T>): { pass: Pass; handlers: Handlers<T> } {
    requirePlace(destination);
    if (this.#current) throw refusal('its pipeline is subscribed a second time while it is being read.');
    if (!this.#saved && !this.#isBetweenEpochs) this.#moveOn();
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
    let toSkip = this.#items;
    const flow = (): void => {
      endSubscribing(pass);
      this.#ledger.seal();
    };
    return {
      next: (item) => {
        flow();
        if (toSkip > 0) {
          toSkip--;
          return;
        }
        this.#saved = undefined;
        this.#items++;
        destination.next(item);
      },
      error: (error) => {
        endSubscribing(pass);
        this.#saved = this.cursor();
        this.#current = undefined;
        destination.error(error);
      },
      complete: () => {
        flow();
        if (toSkip > 0) throw endedEarly(this.#items, toSkip);
        this.#ledger.finish();
        this.#saved = undefined;
        this.#current = undefined;
        this.#moveOn();
        destination.complete();
      },
    };
  }

  #moveOn(): void {
    this.#epoch++;
    this.#items = 0;
    this.#isBetweenEpochs = true;
  }
}

function requirePlace(destination: Subscriber<unknown>): void {
  const holder = carriedBelow(destination, HOLDS) as string | undefined;
  if (holder) throw refusal(`${holder} stands below it, where items wait that count as delivered. Put it last.`);
  if (carriedBelow(destination, PASS)) throw refusal('a second one stands below it. Put one alone, last.');
}

function endedEarly(saved: number, missing: number): ConfigError {
  return new ConfigError(
    `resumable: the epoch ended after ${saved - missing} items, and the cursor counts ${saved} of it. ` +
      'Resume with the same inputs and stages as the run that saved it, or start without a cursor.',
    { path: 'cursor.items' },
  );
}

function refusal(why: string): ConfigError {
  return new ConfigError(`resumable: ${why}`, { path: '' });
}
