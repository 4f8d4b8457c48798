import type { MeterFigures } from './meter.js';

/**
 * The lengths of a stage's queue, in items, measured while the JavaScript thread was not working on the pipeline. The
 * lengths of simultaneous subscriptions are added.
 */
export interface QueueReport {
  readonly mean: number;
  /** The maximum length since `report` was called. */
  readonly most: number;
  /** The maximum length, or `undefined` if there is no limit. */
  readonly capacity: number | undefined;
  readonly emptyMs: number;
  readonly fullMs: number;
}

/** The counts and times of a worker thread while its stage was subscribed. Times are in milliseconds. */
export interface ThreadReport {
  readonly name: string;
  /** The number of items that the thread sent to the thread of the pipeline. */
  readonly items: number;
  readonly workMs: number;
  /**
   * The time in which the thread had no work. If `held` is small, the thread waited for its input. If `held` is large
   * in `inWorker`, the thread waited until its items were used.
   */
  readonly waitMs: number;
  /**
   * The mean number of waiting items, measured at the end of each subscription, and repeatedly if `everyMs`, `page`,
   * `live` or `trace` is set. With `inWorker`, these items were received, but not yet used. With `mapInWorkers`, the
   * thread had not yet processed these items.
   */
  readonly held: number;
}

/** The counts and times of a stage. Times are in milliseconds. */
export interface StageReport {
  /**
   * The stage's name in the user's code. If several stages have the same name, "of" and the name of a downstream stage
   * follow.
   */
  readonly name: string;
  /** True if the stage's items come from outside the pipeline. */
  readonly isSource: boolean;
  /** The number of subscriptions to the stage. For a channel, this is the number of epochs. */
  readonly subscriptions: number;
  /**
   * The counts of the items that the stage received, or that a source delivered, and the times of the stage.
   *
   * - `inputMs`: the stage waited for items.
   * - `consumerMs`: the stage was full, and its consumer requested no items.
   * - `workMs`: the thread worked on the pipeline, or the stage worked on its items.
   */
  readonly figures: MeterFigures;
  readonly emitted: number;
  /** The queue, or `undefined` if the stage has no queue. */
  readonly queue: QueueReport | undefined;
  /** The time that the consumer waited for this stage. Does not include waits for upstream stages. */
  readonly heldUpMs: number;
  /**
   * The part of `heldUpMs` during which this stage worked on another thread and the thread of the pipeline was idle.
   */
  readonly idleMs: number;
  /** The remedy if this stage delays the consumer. */
  readonly remedy: string | undefined;
  /** The worker threads of `inWorker` and `mapInWorkers`. */
  readonly threads: readonly ThreadReport[];
}

/** The times of a pipeline, in milliseconds. */
export interface PipelineReport {
  readonly consumer: string;
  readonly subscriptions: number;
  /** The sum of `inputMs`, `consumerMs` and `workMs`. */
  readonly elapsedMs: number;
  /** The time that the consumer waited for stages: the sum of all `heldUpMs`. */
  readonly inputMs: number;
  /** The time that the consumer was busy. */
  readonly consumerMs: number;
  /** The time that the thread worked on the pipeline. */
  readonly workMs: number;
  /** The stages, in order from the sources to the consumer. */
  readonly stages: readonly StageReport[];
  readonly verdict: Verdict;
}

/** The conclusion of a report. */
export interface Verdict {
  /**
   * The cause of the largest delay. `stage` is a stage that works asynchronously or on another thread. `work` is the
   * synchronous work of the pipeline. `none` means that the pipeline ran for less than 200 ms, or that the consumer has
   * received at most one item.
   */
  readonly bottleneck: 'consumer' | 'source' | 'stage' | 'work' | 'none';
  /** The name of the bottleneck, if the bottleneck is a source or a stage. */
  readonly stage: string | undefined;
  /** The share of `elapsedMs` during which the consumer waited, from 0 to 1. */
  readonly waitedShare: number;
  /** The bottleneck and the remedy in one sentence. */
  readonly text: string;
}
