import { encodeError, type EncodedError } from '../crossing/encodeError.js';
import type { Credit, PipelineMessage, SplitPlace, SplitRequest } from '../crossing/protocol.js';
import { Thread, type ThreadOptions } from './thread.js';

export interface SplitListener {
  /** Receives an encoded item. */
  readonly next: (item: Uint8Array) => void;
  readonly complete: () => void;
  readonly error: (error: EncodedError) => void;
}

export interface SplitStart {
  readonly data: unknown;
  readonly place: SplitPlace;
  /** The number of items to drop at the start. */
  readonly from: number;
}

export interface SplitRun {
  /** Counts an item that has been used, so that the worker may produce a further item. */
  readonly taken: (bytes: number) => void;
  readonly stop: () => void;
}

export type SplitThreadOptions = Pick<ThreadOptions, 'name' | 'module' | 'exportName'> & { readonly credit: Credit };

/** A thread that runs the pipelines of splits, one after another. A thread that has ended is replaced. */
export class SplitThread {
  readonly #options: SplitThreadOptions;
  #thread: Thread<SplitRequest, PipelineMessage> | undefined;
  #listener: SplitListener | undefined;
  #run = 0;

  constructor(options: SplitThreadOptions) {
    this.#options = options;
  }

  start(listener: SplitListener, start: SplitStart): SplitRun {
    const run = ++this.#run;
    this.#listener = listener;
    const thread = (this.#thread ??= this.#startThread());
    thread.send({ type: 'subscribe', run, credit: this.#options.credit, ...start });
    return {
      taken: (bytes) => thread.send({ type: 'taken', run, items: 1, bytes }),
      stop: () => {
        if (this.#run === run) this.#listener = undefined;
        thread.send({ type: 'unsubscribe', run });
      },
    };
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#thread?.terminate();
    await this.#thread?.ended;
  }

  #startThread(): Thread<SplitRequest, PipelineMessage> {
    const onReport = (report: PipelineMessage): void => {
      if (report.run !== this.#run) return;
      if (report.type === 'next') this.#listener?.next(report.item as Uint8Array);
      if (report.type === 'complete') this.#listener?.complete();
      if (report.type === 'error') this.#listener?.error(report.error);
    };
    const onFailure = (error: unknown): void => {
      this.#thread = undefined;
      this.#listener?.error(encodeError(error));
    };
    const { credit: _, ...options } = this.#options;
    return new Thread({ ...options, move: 'all', entry: 'splitWorker' }, { onReport, onFailure });
  }
}
