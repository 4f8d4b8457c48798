import type { MeterFigures } from './meter.js';

/** What the queue of a stage held while the thread was not at work on the pipeline. */
export interface QueueReport {
  /** How many items, on an average over that time. */
  readonly mean: number;
  /** The most of them since the report was made. */
  readonly most: number;
  /** How many it may hold; `undefined` where its bound is not a number of items. */
  readonly capacity: number | undefined;
  /** How long it held nothing. */
  readonly emptyMs: number;
  /** How long it took no more. */
  readonly fullMs: number;
}

/** What a report tells of a stage, in milliseconds. */
export interface StageReport {
  /** As the user wrote it; with `of …` where a stage of that name stands elsewhere in the pipeline too. */
  readonly name: string;
  /** Whether it gets its items from outside of the pipeline. */
  readonly isSource: boolean;
  /** How often it was subscribed to. */
  readonly subscriptions: number;
  /**
   * What came in (of a source, what it delivered), and what its time went to: `inputMs`, it wanted items and none came;
   * `consumerMs`, it had what it could hold and nobody wanted it; `workMs`, the thread was at work on the pipeline, or the
   * stage on what it held.
   */
  readonly figures: MeterFigures;
  /** How many items have come out. */
  readonly emitted: number;
  /** What it held; `undefined` for a stage in which no items wait. */
  readonly queue: QueueReport | undefined;
  /** How long the consumer waited for this stage, and not for one further up. */
  readonly heldUpMs: number;
  /** Of `heldUpMs`, where it was the stage's own work: the thread had nothing to do. */
  readonly idleMs: number;
  /** What can be done where all wait for its work. */
  readonly remedy: string | undefined;
}

/** Where the time of a pipeline goes, in milliseconds. */
export interface PipelineReport {
  /** Who consumes. */
  readonly consumer: string;
  /** How often the pipeline was subscribed to. */
  readonly subscriptions: number;
  /** How long it was subscribed to: the sum of the next three. */
  readonly elapsedMs: number;
  /** The consumer wanted items and waited for some stage: the sum of their `heldUpMs`. */
  readonly inputMs: number;
  /** The consumer was busy with what it had. */
  readonly consumerMs: number;
  /** The thread was at work on the pipeline. */
  readonly workMs: number;
  /** The stages, each after those that it gets its items from. */
  readonly stages: readonly StageReport[];
  /** What to make of it. */
  readonly verdict: Verdict;
}

/** What is to be made of a report. */
export interface Verdict {
  /**
   * What the time is lost to: the consumer itself, a source, a stage that works elsewhere than on this thread or in its
   * turns, the pipeline's synchronous work, or nothing, where nothing has been read yet.
   */
  readonly bottleneck: 'consumer' | 'source' | 'stage' | 'work' | 'none';
  /** The source or stage. */
  readonly stage: string | undefined;
  /** Which part of the time the consumer waited, from 0 to 1, for whatever reason. */
  readonly waitedShare: number;
  /** All that in one sentence, and what to do. */
  readonly text: string;
}
