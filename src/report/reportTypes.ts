import type { MeterFigures } from './meter.js';

/** The queue of a stage, in items, measured while the thread was outside the pipeline. */
export interface QueueReport {
  /** The average length. */
  readonly mean: number;
  /** The maximum length since the report was created. */
  readonly most: number;
  /** The maximum number of items in the queue. `undefined` if there is no limit. */
  readonly capacity: number | undefined;
  /** The time that the queue was empty, in milliseconds. */
  readonly emptyMs: number;
  /** The time that the queue was full, in milliseconds. */
  readonly fullMs: number;
}

/** The figures of a stage. Times are in milliseconds. */
export interface StageReport {
  /** The stage's name in the user's code. If several stages have this name, `of` and a stage downstream are appended. */
  readonly name: string;
  /** True if the stage's items come from outside the pipeline. */
  readonly isSource: boolean;
  /** The number of subscriptions, such as the number of epochs of a channel. */
  readonly subscriptions: number;
  /**
   * The items that the stage received (a source: delivered), and the times of the stage.
   *
   * - `inputMs`: the stage waited for items.
   * - `consumerMs`: the stage was full, and its consumer requested no items.
   * - `workMs`: the thread worked on the pipeline, or the stage worked on its items.
   */
  readonly figures: MeterFigures;
  /** The number of items that the stage emitted. */
  readonly emitted: number;
  /** The queue of the stage. `undefined` if the stage has no queue. */
  readonly queue: QueueReport | undefined;
  /** The time that the consumer waited because of this stage, and not because of a stage upstream. */
  readonly heldUpMs: number;
  /** The part of `heldUpMs` during which this stage worked on another thread, and this thread was idle. */
  readonly idleMs: number;
  /** The remedy if the consumer waits for the work of this stage. */
  readonly remedy: string | undefined;
}

/** The times of a pipeline, in milliseconds. */
export interface PipelineReport {
  /** The consumer's name, from the options of `report`. */
  readonly consumer: string;
  /** The number of subscriptions to the pipeline. */
  readonly subscriptions: number;
  /** The subscribed time: the sum of `inputMs`, `consumerMs` and `workMs`. */
  readonly elapsedMs: number;
  /** The time that the consumer waited for a stage: the sum of all `heldUpMs`. */
  readonly inputMs: number;
  /** The time that the consumer was busy. */
  readonly consumerMs: number;
  /** The time that the thread worked on the pipeline. */
  readonly workMs: number;
  /** The stages, from the sources to the consumer. */
  readonly stages: readonly StageReport[];
  /** The bottleneck and the remedy. */
  readonly verdict: Verdict;
}

/** The conclusion from a report. */
export interface Verdict {
  /**
   * The cause of the largest delay. `stage` is a stage that works asynchronously or on a different thread. `work` is
   * the synchronous work of the pipeline. `none` after less than 200 ms, which is too short to judge.
   */
  readonly bottleneck: 'consumer' | 'source' | 'stage' | 'work' | 'none';
  /** The name of the bottleneck, if the bottleneck is a source or a stage. */
  readonly stage: string | undefined;
  /** The share of time that the consumer waited, from 0 to 1. */
  readonly waitedShare: number;
  /** The verdict and the remedy in one sentence. */
  readonly text: string;
}
