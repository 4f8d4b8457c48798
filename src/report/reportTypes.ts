import type { MeterFigures } from './meter.js';

/** The queue of a stage while the thread did not work on the pipeline. */
export interface QueueReport {
  /** Average number of items. */
  readonly mean: number;
  /** Largest number of items since the report was created. */
  readonly most: number;
  /** Maximum number of items; `undefined` for another kind of limit. */
  readonly capacity: number | undefined;
  /** Time with an empty queue. */
  readonly emptyMs: number;
  /** Time with a full queue. */
  readonly fullMs: number;
}

/** The figures of a stage. Times are in milliseconds. */
export interface StageReport {
  /** The name in the user's code, plus `of …` with a stage below if it is not unique. */
  readonly name: string;
  /** Whether its items come from outside the pipeline. */
  readonly isSource: boolean;
  /** Number of subscriptions. */
  readonly subscriptions: number;
  /**
   * The items that came in (for a source: that it delivered) and the stage's times. `inputMs`: it wanted items, and
   * none came. `consumerMs`: it was full, and no items were wanted. `workMs`: the thread worked on the pipeline, or the
   * stage on its items.
   */
  readonly figures: MeterFigures;
  /** Number of emitted items. */
  readonly emitted: number;
  /** The queue of items; `undefined` for a stage without one. */
  readonly queue: QueueReport | undefined;
  /** Time that the consumer waited for this stage, and not for a stage above it. */
  readonly heldUpMs: number;
  /** The part of `heldUpMs` with the stage working and the thread idle. */
  readonly idleMs: number;
  /** The remedy if the consumer waits for this stage's work. */
  readonly remedy: string | undefined;
}

/** The times of a pipeline, in milliseconds. */
export interface PipelineReport {
  /** The consumer's name. */
  readonly consumer: string;
  /** Number of subscriptions. */
  readonly subscriptions: number;
  /** Subscribed time: the sum of the next three. */
  readonly elapsedMs: number;
  /** Time that the consumer waited for a stage: the sum of all `heldUpMs`. */
  readonly inputMs: number;
  /** Time that the consumer was busy. */
  readonly consumerMs: number;
  /** Time that the thread worked on the pipeline. */
  readonly workMs: number;
  /** The stages, each after the stages above it. */
  readonly stages: readonly StageReport[];
  /** The conclusion from the figures. */
  readonly verdict: Verdict;
}

/** The conclusion from a report. */
export interface Verdict {
  /**
   * The cause of the largest delay: the consumer, a source, a stage that works asynchronously or outside this thread,
   * the pipeline's synchronous work, or `none` before anything was read.
   */
  readonly bottleneck: 'consumer' | 'source' | 'stage' | 'work' | 'none';
  /** The bottleneck, if it is a source or stage. */
  readonly stage: string | undefined;
  /** The share of time that the consumer waited for any reason, from 0 to 1. */
  readonly waitedShare: number;
  /** The verdict and the remedy in one sentence. */
  readonly text: string;
}
