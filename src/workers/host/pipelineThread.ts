import { MillraceError } from '../../base/errors.js';
import { warn } from '../../base/warn.js';
import { decodeError } from '../crossing/encodeError.js';
import type { Credit, PipelineMessage, PipelineRequest } from '../crossing/protocol.js';
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
  /**
   * Sets whether the subscriber waits for an item. The thread keeps the process alive only while a subscriber waits.
   */
  readonly wait: (isWaiting: boolean) => void;
  readonly unsubscribe: () => void;
}

/**
 * The thread of one pipeline, from its start to its end. It keeps the process alive while a subscriber waits for an
 * item.
 */
export class PipelineThread {
  readonly #options: PipelineThreadOptions;
  readonly #onOver: () => void;
  readonly #thread: Thread<PipelineRequest, PipelineMessage>;
  readonly #runs = new Map<number, RunListener>();
  /** Runs that were told to stop and have not said that they have, and what gives them up. */
  readonly #stopping = new Map<number, NodeJS.Timeout>();
  /** Runs whose subscriber waits for an item. */
  readonly #waiting = new Set<number>();
  #runCount = 0;
  #isUnwanted = false;

  /**
   * @param onOver - called when it takes no further run.
   * @throws ConfigError where the module cannot be given to a worker.
   */
  constructor(options: PipelineThreadOptions, onOver: () => void) {
    this.#options = options;
    this.#onOver = onOver;
    this.#thread = new Thread({ ...options, entry: 'pipelineWorker' }, { onReport: this.#receive, onDeath: this.#die });
  }

  /** Subscribes the pipeline. */
  start(listener: RunListener): Run {
    const run = this.#runCount++;
    this.#runs.set(run, listener);
    this.#thread.send({ type: 'subscribe', run, credit: this.#options.credit });
    return {
      taken: (bytes) => {
        if (this.#runs.has(run)) this.#thread.send({ type: 'taken', run, bytes });
      },
      wait: (isWaiting) => {
        if (this.#runs.has(run)) this.#wait(run, isWaiting);
      },
      unsubscribe: () => {
        if (this.#runs.has(run)) this.#stop(run);
      },
    };
  }

  /** Ends it as soon as nothing runs in it. */
  endWhenIdle(): void {
    this.#isUnwanted = true;
    this.#rest();
  }

  /**
   * Ends it: what runs in it fails here, and is unsubscribed there first, so that it closes what it has open. Resolves
   * when it has ended.
   */
  close(): Promise<void> {
    this.#onOver();
    for (const [run, listener] of this.#runs) {
      this.#stop(run);
      const message = `${this.#options.name}: close() has ended the worker while it was subscribed. Unsubscribe first.`;
      listener.error(new MillraceError(message, { code: 'ERR_WORKER' }));
    }
    this.endWhenIdle();
    this.#thread.keepProcess(true);
    return this.#thread.ended;
  }

  readonly #receive = (report: PipelineMessage): void => {
    const { run } = report;
    const listener = this.#runs.get(run);
    if (report.type === 'next') {
      listener?.next(report.item, report.bytes);
      return;
    }
    this.#forget(run);
    clearTimeout(this.#stopping.get(run));
    this.#stopping.delete(run);
    if (report.type === 'error') listener?.error(decodeError(report.error));
    if (report.type === 'complete') listener?.complete();
    this.#rest();
  };

  readonly #die = (error: unknown): void => {
    const listeners = [...this.#runs.values()];
    if (listeners.length === 0) this.#warn(`its worker has ended while nobody was subscribed: ${String(error)}`);
    this.#end();
    for (const listener of listeners) listener.error(error);
  };

  #wait(run: number, isWaiting: boolean): void {
    if (isWaiting === this.#waiting.has(run)) return;
    if (isWaiting) this.#waiting.add(run);
    else this.#waiting.delete(run);
    this.#thread.keepProcess(this.#waiting.size > 0);
  }

  #forget(run: number): void {
    this.#wait(run, false);
    this.#runs.delete(run);
  }

  #stop(run: number): void {
    this.#forget(run);
    this.#thread.send({ type: 'unsubscribe', run });
    this.#stopping.set(run, setTimeout(this.#giveUp, this.#options.unsubscribeTimeoutMs).unref());
    this.#rest();
  }

  readonly #giveUp = (): void => {
    // Another run has a right to the thread, and can be unsubscribed in its turn.
    if (this.#runs.size > 0) return;
    if (!this.#isUnwanted) {
      if (this.#thread.isLoading) {
        // The run has not begun, so the thread cannot be blocked by it.
        for (const giveUp of this.#stopping.values()) giveUp.refresh();
        return;
      }
      this.#warn(
        `the pipeline was unsubscribed and has not let go for ${this.#options.unsubscribeTimeoutMs} ms, so its worker was ` +
          'ended. Let it work in shorter steps, or raise unsubscribeTimeoutMs.',
      );
    }
    this.#end();
  };

  /** Ends the thread if nothing runs in it and it will not be used again. */
  #rest(): void {
    if (this.#isUnwanted && this.#runs.size === 0 && this.#stopping.size === 0) this.#end();
  }

  #end(): void {
    this.#onOver();
    this.#runs.clear();
    this.#waiting.clear();
    for (const giveUp of this.#stopping.values()) clearTimeout(giveUp);
    this.#stopping.clear();
    this.#thread.terminate();
  }

  #warn(what: string): void {
    const consequence = 'The next subscription begins anew, with the first order of shuffle and an empty cache.';
    warn('MILLRACE_WORKER_ENDED', `${this.#options.name}: ${what} ${consequence}`);
  }
}
