import type { Observable } from 'rxjs';
import { byteLengthOf } from '../../base/byteLengthOf.js';
import { Inlet, type Ending } from '../../demand/inlet.js';
import { encodeError } from '../crossing/encodeError.js';
import type { Credit, PipelineMessage } from '../crossing/protocol.js';
import type { WorkerContext } from './runWorker.js';

/** What {@link PipelineRun} is made with. */
export interface PipelineRunOptions {
  readonly run: number;
  readonly credit: Credit;
  readonly context: WorkerContext<PipelineMessage>;
}

/**
 * One subscription of the pipeline, in its worker. Its gate is open while there is credit: while the items that it has
 * sent and the other side has not taken are fewer, in number and in bytes, than the other side allows.
 */
export class PipelineRun {
  readonly #run: number;
  readonly #credit: Credit;
  readonly #context: WorkerContext<PipelineMessage>;
  /** Items wait here only if an operator could not be stopped when the gate closed. */
  readonly #inlet: Inlet<unknown>;
  #untakenItems = 0;
  #untakenBytes = 0;
  #end: PipelineMessage | undefined;

  constructor({ run, credit, context }: PipelineRunOptions) {
    this.#run = run;
    this.#credit = credit;
    this.#context = context;
    this.#inlet = new Inlet({
      name: context.setup.name,
      overrun: context.setup.overrun,
      isOpen: true,
      hasRoom: () => this.#hasCredit,
      ended: (ending) => (this.#end = this.#endOf(ending)),
      onChange: () => this.#send(),
    });
  }

  start(pipeline: Observable<unknown>): void {
    this.#inlet.subscribe(pipeline);
  }

  /** Gives back the credit of one item. */
  taken(bytes: number): void {
    this.#untakenItems--;
    this.#untakenBytes -= bytes;
    this.#send();
  }

  stop(): void {
    this.#inlet.close();
  }

  get #hasCredit(): boolean {
    return this.#untakenItems < this.#credit.items && this.#untakenBytes < this.#credit.bytes;
  }

  #send(): void {
    const { items, gate } = this.#inlet;
    try {
      while (items.length > 0 && this.#hasCredit) this.#sendOne(items.shift());
    } catch (error) {
      this.stop();
      this.#end = this.#endOf({ kind: 'failed', error });
    }
    const end = this.#end;
    if (end && items.length === 0) {
      this.#end = undefined;
      // After the warnings of this turn of the event loop, such as those of the pipeline's end.
      setImmediate(() => this.#context.report(end));
    } else if (!this.#hasCredit) gate.close();
    // Opening may deliver at once, which calls this again.
    else if (!gate.isOpen) gate.open();
  }

  #sendOne(item: unknown): void {
    const bytes = byteLengthOf(item);
    this.#untakenItems++;
    this.#untakenBytes += bytes;
    this.#context.reportItem(item, (packed) => ({ type: 'next', run: this.#run, item: packed, bytes }));
  }

  #endOf(ending: Ending): PipelineMessage {
    if (ending.kind === 'completed') return { type: 'complete', run: this.#run };
    return { type: 'error', run: this.#run, error: encodeError(ending.error) };
  }
}
