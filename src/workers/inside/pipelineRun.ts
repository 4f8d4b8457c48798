import type { Observable, Subscriber } from 'rxjs';
import { byteLengthOf } from '../../base/byteLengthOf.js';
import { Gate } from '../../demand/gate.js';
import { gatedSubscriber, subscribeGated } from '../../demand/operate.js';
import { OverrunWatch } from '../../demand/overrun.js';
import { Queue } from '../../base/queue.js';
import { encodeError } from '../crossing/encodeError.js';
import type { Credit, PipelineReport } from '../crossing/protocol.js';
import type { WorkerContext } from './runWorker.js';

/** What {@link PipelineRun} is made with. */
export interface PipelineRunOptions {
  readonly run: number;
  readonly credit: Credit;
  readonly context: WorkerContext<PipelineReport>;
}

/**
 * One subscription of the pipeline, in its worker. It stands at the end of the pipeline as a boundary whose gate is open
 * while there is credit: what has been sent and not yet taken is less than the other side allows, in items and bytes.
 */
export class PipelineRun {
  readonly #gate = new Gate();
  readonly #run: number;
  readonly #credit: Credit;
  readonly #context: WorkerContext<PipelineReport>;
  readonly #watch: OverrunWatch;
  /** What has come though the gate was closed, from an operator that could not be stopped. */
  readonly #waiting = new Queue<unknown>();
  readonly #subscriber: Subscriber<unknown>;
  #untakenItems = 0;
  #untakenBytes = 0;
  #end: PipelineReport | undefined;

  constructor({ run, credit, context }: PipelineRunOptions) {
    this.#run = run;
    this.#credit = credit;
    this.#context = context;
    this.#watch = new OverrunWatch(this.#gate, context.setup.name, context.setup.overrun);
    this.#subscriber = gatedSubscriber(this.#gate, {
      next: (item) => {
        this.#watch.arrived(item);
        this.#waiting.push(item);
        this.#send();
      },
      error: (error) => this.#endWith({ type: 'error', run, error: encodeError(error) }),
      complete: () => this.#endWith({ type: 'complete', run }),
    });
  }

  start(pipeline: Observable<unknown>): void {
    subscribeGated(pipeline, this.#subscriber);
  }

  /** Gives back the credit of one item. */
  taken(bytes: number): void {
    this.#untakenItems--;
    this.#untakenBytes -= bytes;
    this.#send();
  }

  stop(): void {
    this.#waiting.clear();
    this.#subscriber.unsubscribe();
  }

  get #hasCredit(): boolean {
    return this.#untakenItems < this.#credit.items && this.#untakenBytes < this.#credit.bytes;
  }

  #send(): void {
    try {
      while (this.#waiting.length > 0 && this.#hasCredit) this.#sendOne(this.#waiting.shift());
    } catch (error) {
      this.stop();
      this.#end = { type: 'error', run: this.#run, error: encodeError(error) };
    }
    const end = this.#end;
    if (end && this.#waiting.length === 0) {
      this.#end = undefined;
      // After the warnings of this turn, such as those that the pipeline gives at its end.
      setImmediate(() => this.#context.report(end));
    } else if (!this.#hasCredit) this.#gate.close();
    // Opening may deliver at once, and so come back here.
    else if (!this.#gate.isOpen) this.#gate.open();
  }

  #sendOne(item: unknown): void {
    const bytes = byteLengthOf(item);
    this.#untakenItems++;
    this.#untakenBytes += bytes;
    this.#context.reportItem(item, (packed) => ({ type: 'next', run: this.#run, item: packed, bytes }));
  }

  #endWith(report: PipelineReport): void {
    this.#end = report;
    this.#send();
  }
}
