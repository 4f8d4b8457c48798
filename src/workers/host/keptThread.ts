import type { ThreadUsage } from '../../demand/observer.js';
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
  #received = 0;
  #used = 0;

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
    const next: RunListener['next'] = (item, bytes) => {
      this.#received++;
      listener.next(item, bytes);
    };
    const { wait, taken, unsubscribe } = this.#thread.start({ ...listener, next }, epoch);
    return {
      wait,
      taken: (bytes) => {
        this.#used++;
        taken(bytes);
      },
      unsubscribe: (left) => {
        this.#used += left.items;
        unsubscribe(left);
      },
    };
  }

  usage(index: number): readonly ThreadUsage[] {
    if (!this.#thread) return [];
    const held = this.#received - this.#used;
    return [{ thread: this, name: `thread ${index}`, items: this.#received, held, ...this.#thread.times() }];
  }

  endWhenIdle(): void {
    this.#thread?.endWhenIdle();
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }
}
