import { MillraceError } from '../core/errors.js';
import { warn } from '../core/warn.js';
import { decodeError } from './encodeError.js';
import type { Credit, PipelineReport, PipelineRequest } from './protocol.js';
import { Thread, type ThreadOptions } from './thread.js';

/** What a {@link PipelineThread} is made with. */
export interface PipelineThreadOptions extends Omit<ThreadOptions, 'entry'> {
  readonly credit: Credit;
  /** How long work that does not return may keep a thread that nobody subscribes to any more. */
  readonly unsubscribeTimeoutMs: number;
}

/** What a run tells its subscriber. */
export interface RunListener {
  readonly next: (item: unknown, bytes: number) => void;
  readonly error: (error: unknown) => void;
  readonly complete: () => void;
}

/** One subscription of the pipeline, as this side has it. */
export interface Run {
  /** Says that an item has been taken, so that another may be made. */
  readonly taken: (bytes: number) => void;
  readonly unsubscribe: () => void;
}

type PipelineWorker = Thread<PipelineRequest, PipelineReport>;

/**
 * The thread of one pipeline: started with the first run, and kept, so that what the pipeline knows (the iteration of
 * `shuffle`, a filled `cache`, compiled code) is there for the next one. While nothing runs, it keeps no process from
 * ending. Where it has died, the next run starts another.
 */
export class PipelineThread {
  readonly #options: PipelineThreadOptions;
  readonly #runs = new Map<number, RunListener>();
  /** Runs that were told to stop and have not said that they have, and what gives them up. */
  readonly #stopping = new Map<number, NodeJS.Timeout>();
  #thread: PipelineWorker | undefined;
  #runCount = 0;
  #isUnwanted = false;

  constructor(options: PipelineThreadOptions) {
    this.#options = options;
  }

  /** Subscribes the pipeline. Throws a ConfigError where its module cannot be given to a worker. */
  start(listener: RunListener): Run {
    const run = this.#runCount++;
    const thread = (this.#thread ??= this.#startThread());
    this.#runs.set(run, listener);
    thread.keepProcess(true);
    thread.send({ type: 'subscribe', run, credit: this.#options.credit });
    return {
      taken: (bytes) => {
        if (this.#runs.has(run)) thread.send({ type: 'taken', run, bytes });
      },
      unsubscribe: () => {
        if (this.#runs.delete(run)) this.#stop(thread, run);
      },
    };
  }

  /** Ends the thread as soon as nothing runs in it any more. */
  endWhenIdle(): void {
    this.#isUnwanted = true;
    this.#rest();
  }

  /** Ends the thread at once; what runs in it fails. */
  async close(): Promise<void> {
    const thread = this.#thread;
    const message = `${this.#options.name}: close() has ended the worker while it was subscribed. Unsubscribe first.`;
    this.#forget(new MillraceError(message, { code: 'ERR_WORKER' }));
    await thread?.terminate();
  }

  #startThread(): PipelineWorker {
    this.#isUnwanted = false;
    return new Thread<PipelineRequest, PipelineReport>(
      { ...this.#options, entry: 'pipelineWorker' },
      { onReport: this.#receive, onDeath: this.#die },
    );
  }

  readonly #die = (error: unknown): void => {
    if (this.#runs.size === 0) this.#warn(`its worker has ended while nobody was subscribed: ${String(error)}`);
    this.#forget(error);
  };

  readonly #receive = (report: PipelineReport): void => {
    const { run } = report;
    const listener = this.#runs.get(run);
    if (report.type === 'next') {
      listener?.next(report.item, report.bytes);
      return;
    }
    this.#runs.delete(run);
    clearTimeout(this.#stopping.get(run));
    this.#stopping.delete(run);
    if (report.type === 'error') listener?.error(decodeError(report.error));
    if (report.type === 'complete') listener?.complete();
    this.#rest();
  };

  #stop(thread: PipelineWorker, run: number): void {
    thread.send({ type: 'unsubscribe', run });
    const giveUp = setTimeout(() => this.#giveUp(), this.#options.unsubscribeTimeoutMs).unref();
    this.#stopping.set(run, giveUp);
    this.#rest();
  }

  #giveUp(): void {
    // Another run has a right to the thread, and can be unsubscribed in its turn.
    if (this.#runs.size > 0) return;
    const { unsubscribeTimeoutMs } = this.#options;
    this.#warn(
      `the pipeline was unsubscribed and has not let go for ${unsubscribeTimeoutMs} ms, so its worker was ended. Let it ` +
        'work in shorter steps, or raise unsubscribeTimeoutMs.',
    );
    void this.close();
  }

  #warn(what: string): void {
    const consequence = 'The next subscription begins anew, with the first order of shuffle and an empty cache.';
    warn('MILLRACE_WORKER_ENDED', `${this.#options.name}: ${what} ${consequence}`);
  }

  /** Lets go of the process where nothing runs, and of the thread where nobody will want it again. */
  #rest(): void {
    if (this.#runs.size > 0) return;
    this.#thread?.keepProcess(false);
    if (this.#isUnwanted && this.#stopping.size === 0) void this.close();
  }

  #forget(error: unknown): void {
    this.#thread = undefined;
    for (const giveUp of this.#stopping.values()) clearTimeout(giveUp);
    this.#stopping.clear();
    const listeners = [...this.#runs.values()];
    this.#runs.clear();
    for (const listener of listeners) listener.error(error);
  }
}
