import {
  PipelineThread,
  type Epoch,
  type PipelineThreadOptions,
  type Run,
  type RunListener,
} from './pipelineThread.js';

/**
 * The thread of a pipeline. The thread continues after a run, because it has state: the iteration number of `shuffle`,
 * a filled `cache`, and compiled code. If the thread has ended, the next run starts a new one.
 */
export class KeptThread {
  readonly #options: PipelineThreadOptions;
  #thread: PipelineThread | undefined;

  constructor(options: PipelineThreadOptions) {
    this.#options = options;
  }

  start(listener: RunListener, epoch: Epoch): Run {
    if (!this.#thread) {
      const thread = new PipelineThread(this.#options, () => {
        if (this.#thread === thread) this.#thread = undefined;
      });
      this.#thread = thread;
    }
    return this.#thread.start(listener, epoch);
  }

  endWhenIdle(): void {
    this.#thread?.endWhenIdle();
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }
}
