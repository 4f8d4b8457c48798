import { PipelineThread, type PipelineThreadOptions, type Run, type RunListener } from './pipelineThread.js';

/**
 * The thread in which a pipeline runs: started with the first run, and kept, so that what the pipeline knows (the
 * iteration of `shuffle`, a filled `cache`, compiled code) is there for the next one. Where it has ended, the next run
 * starts another.
 */
export class KeptThread {
  readonly #options: PipelineThreadOptions;
  #thread: PipelineThread | undefined;

  constructor(options: PipelineThreadOptions) {
    this.#options = options;
  }

  /** Subscribes the pipeline. Throws a ConfigError where its module cannot be given to a worker. */
  start(listener: RunListener): Run {
    if (!this.#thread) {
      const thread = new PipelineThread(this.#options, () => {
        if (this.#thread === thread) this.#thread = undefined;
      });
      this.#thread = thread;
    }
    return this.#thread.start(listener);
  }

  /** Ends the thread as soon as nothing runs in it. */
  endWhenIdle(): void {
    this.#thread?.endWhenIdle();
  }

  /** Ends the thread, and resolves when it has ended. */
  async close(): Promise<void> {
    await this.#thread?.close();
  }
}
