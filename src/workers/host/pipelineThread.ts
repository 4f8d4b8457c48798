import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '../../base/errors.js';
import { warn } from '../../base/warn.js';
import type { WorkerCursor } from '../../resume/cursor.js';
import { decodeError } from '../crossing/encodeError.js';
import type { Amount, Credit, PipelineMessage, PipelineRequest, RunStart, WorkerPass } from '../crossing/protocol.js';
import { TakenItems } from './takenItems.js';
import { Thread, type ThreadOptions, type ThreadTimes } from './thread.js';

export interface PipelineThreadOptions extends Omit<ThreadOptions, 'entry'> {
  readonly credit: Credit;
  readonly unsubscribeTimeoutMs: number;
}

export interface RunListener {
  readonly next: (item: unknown, bytes: number) => void;
  readonly error: (error: unknown) => void;
  readonly complete: () => void;
  /** Receives the position in the inputs, if there is a downstream `resumable`. */
  readonly position: (cursor: WorkerCursor) => void;
}

export interface Epoch {
  readonly pass: WorkerPass | undefined;
  /** True if a further subscription is certain, so the worker may start the next run in advance. */
  readonly isFollowed: boolean;
}

/** The next run, which the worker may have started, and its reports. */
interface Prepared extends RunStart {
  readonly reports: PipelineMessage[];
}

export interface Run {
  /** Counts a delivered item, so that the worker may produce a further item. */
  readonly taken: (bytes: number) => void;
  readonly wait: (isWaiting: boolean) => void;
  /** @param left - the number of items and bytes that have arrived and are dropped. */
  readonly unsubscribe: (left: Amount) => void;
}

export class PipelineThread {
  readonly #options: PipelineThreadOptions;
  readonly #onOver: () => void;
  readonly #thread: Thread<PipelineRequest, PipelineMessage>;
  readonly #runs = new Map<number, RunListener>();
  /** The runs whose unsubscription the worker has not yet confirmed. Each has a timer, which ends the thread. */
  readonly #stopping = new Map<number, NodeJS.Timeout>();
  readonly #waiting = new Set<number>();
  #runCount = 0;
  #prepared: Prepared | undefined;
  #isUnwanted = false;

  /**
   * @param onOver - called when the thread accepts no more runs.
   * @throws ConfigError if a worker cannot load the module.
   */
  constructor(options: PipelineThreadOptions, onOver: () => void) {
    this.#options = options;
    this.#onOver = onOver;
    this.#thread = new Thread(
      { ...options, entry: 'pipelineWorker' },
      { onReport: this.#receive, onFailure: this.#fail },
    );
  }

  start(listener: RunListener, { pass, isFollowed }: Epoch): Run {
    const prepared = this.#takePrepared(pass);
    const run = prepared?.run ?? this.#runCount++;
    const nextPass = pass && { ...pass, epoch: pass.epoch + 1, saved: undefined, steps: pass.steps && 0 };
    if (isFollowed) this.#prepared = { run: this.#runCount++, pass: nextPass, reports: [] };
    const next = this.#prepared && { run: this.#prepared.run, pass: nextPass };
    this.#runs.set(run, listener);
    this.#thread.send({ type: 'subscribe', run, pass, credit: this.#options.credit, next });
    for (const report of prepared?.reports ?? []) this.#receive(report);
    // Items are counted even after the end of their run, because the next run has the same limits.
    const taken = new TakenItems(this.#options.credit, (amount) =>
      this.#thread.send({ type: 'taken', run, ...amount }),
    );
    return {
      taken: (bytes) => taken.add({ items: 1, bytes }),
      wait: (isWaiting) => {
        if (isWaiting) taken.reportLater();
        if (this.#runs.has(run)) this.#wait(run, isWaiting);
      },
      unsubscribe: (left) => {
        if (this.#runs.has(run)) this.#stop(run);
        taken.add(left);
        taken.report();
      },
    };
  }

  readonly times = (): ThreadTimes => this.#thread.times();

  /** Returns the prepared run if it has this pass. Otherwise, stops the prepared run. */
  #takePrepared(pass: WorkerPass | undefined): Prepared | undefined {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (!prepared || isDeepStrictEqual(prepared.pass, pass)) return prepared;
    this.#stop(prepared.run);
    return undefined;
  }

  endWhenIdle(): void {
    this.#isUnwanted = true;
    if (this.#prepared) this.#stop(this.#prepared.run);
    this.#prepared = undefined;
    this.#endIfUnused();
  }

  /** Makes all runs fail, and closes their resources in the worker. Resolves when the thread has ended. */
  close(): Promise<void> {
    this.#onOver();
    for (const [run, listener] of this.#runs) {
      this.#stop(run);
      const message = `${this.#options.name}: close() ended the worker during a subscription. Unsubscribe before close().`;
      listener.error(new MillraceError(message, { code: 'ERR_WORKER' }));
    }
    this.endWhenIdle();
    this.#thread.keepProcess(true);
    return this.#thread.ended;
  }

  readonly #receive = (report: PipelineMessage): void => {
    const { run } = report;
    if (run === this.#prepared?.run) {
      this.#prepared.reports.push(report);
      return;
    }
    const listener = this.#runs.get(run);
    if (report.type === 'next') {
      if (listener) listener.next(report.item, report.bytes);
      // If the run has completed, the item counts in the limits of the next run.
      else this.#thread.send({ type: 'taken', run, items: 1, bytes: report.bytes });
      return;
    }
    if (report.type === 'position') {
      listener?.position(report.cursor);
      return;
    }
    this.#forget(run);
    clearTimeout(this.#stopping.get(run));
    this.#stopping.delete(run);
    if (report.type === 'error') listener?.error(decodeError(report.error));
    if (report.type === 'complete') listener?.complete();
    this.#endIfUnused();
  };

  readonly #fail = (error: unknown): void => {
    const listeners = [...this.#runs.values()];
    // A worker that never loaded has no state to lose, and the next worker will fail with the same error.
    if (listeners.length === 0 && this.#thread.hasLoaded) {
      this.#warn(`the worker ended while there was no subscription: ${endSentence(String(error))}`);
    }
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
    this.#endIfUnused();
  }

  readonly #giveUp = (): void => {
    // Another run still uses the thread.
    if (this.#runs.size > 0) return;
    if (!this.#isUnwanted) {
      if (this.#thread.isLoading) {
        // While the module is loading, no run can have blocked the thread.
        for (const giveUp of this.#stopping.values()) giveUp.refresh();
        return;
      }
      this.#warn(
        `the pipeline did not stop within ${this.#options.unsubscribeTimeoutMs} ms after its last subscriber had ` +
          'unsubscribed, so the worker was terminated. Divide the work of the pipeline into shorter steps, or ' +
          'increase unsubscribeTimeoutMs.',
      );
    }
    this.#end();
  };

  #endIfUnused(): void {
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

  #warn(event: string): void {
    const consequence =
      'The next subscription starts a new worker, in which shuffle() starts again with its first order, ' +
      'and the cache is empty.';
    warn('MILLRACE_WORKER_ENDED', `${this.#options.name}: ${event} ${consequence}`);
  }
}

function endSentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
