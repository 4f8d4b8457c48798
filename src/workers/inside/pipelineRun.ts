import type { Observable } from 'rxjs';
import { byteLengthOf } from '../../base/byteLengthOf.js';
import { Inlet, type Ending } from '../../demand/inlet.js';
import { encodeError } from '../crossing/encodeError.js';
import type { Amount, Credit, PipelineMessage } from '../crossing/protocol.js';
import type { WorkerContext } from './runWorker.js';

export interface PipelineRunOptions {
  readonly run: number;
  readonly credit: Credit;
  readonly context: WorkerContext<PipelineMessage>;
  /** Items of the previous run that the receiver has not yet taken. Default: none. */
  readonly untaken?: Amount | undefined;
}

/**
 * One subscription of the pipeline in its worker. Counts the sent items and bytes that the receiver has not yet taken.
 * The gate is closed while a count is at its limit in `credit`.
 */
export class PipelineRun {
  readonly run: number;
  readonly #credit: Credit;
  readonly #context: WorkerContext<PipelineMessage>;
  /** Contains items only if an operator could not stop when the gate closed. */
  readonly #inlet: Inlet<unknown>;
  #untakenItems: number;
  #untakenBytes: number;
  #end: PipelineMessage | undefined;

  constructor({ run, credit, context, untaken }: PipelineRunOptions) {
    this.run = run;
    this.#credit = credit;
    this.#context = context;
    this.#untakenItems = untaken?.items ?? 0;
    this.#untakenBytes = untaken?.bytes ?? 0;
    this.#inlet = new Inlet({
      name: context.setup.name,
      overrun: context.setup.overrun,
      isOpen: this.#hasCredit,
      hasRoom: () => this.#hasCredit,
      ended: (ending) => (this.#end = this.#endOf(ending)),
      onChange: () => this.#send(),
    });
  }

  start(pipeline: Observable<unknown>): void {
    this.#inlet.subscribe(pipeline);
  }

  taken({ items, bytes }: Amount): void {
    this.#untakenItems -= items;
    this.#untakenBytes -= bytes;
    this.#send();
  }

  stop(): void {
    this.#inlet.close();
  }

  get untaken(): Amount {
    return { items: this.#untakenItems, bytes: this.#untakenBytes };
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
      // The report is sent after the warnings of this turn of the event loop.
      setImmediate(() => this.#context.report(end));
    } else if (!this.#hasCredit) gate.close();
    // Opening the gate may deliver an item synchronously, which calls this function again.
    else if (!gate.isOpen) gate.open();
  }

  #sendOne(item: unknown): void {
    const bytes = byteLengthOf(item);
    this.#untakenItems++;
    this.#untakenBytes += bytes;
    this.#context.reportItem(item, (packed) => ({ type: 'next', run: this.run, item: packed, bytes }));
  }

  #endOf(ending: Ending): PipelineMessage {
    if (ending.kind === 'completed') return { type: 'complete', run: this.run };
    return { type: 'error', run: this.run, error: encodeError(ending.error) };
  }
}
