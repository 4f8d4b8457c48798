import type { Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { carriedBelow } from './carried.js';

/** The property by which a subscriber carries the {@link StageObserver} that all above it belong to. */
export const OBSERVER = Symbol.for(`millrace.observer@${PROTOCOL}`);

/** What a stage spends its time on: it waits for input, it waits for its consumer, or it works. */
export type Phase = 'inputMs' | 'consumerMs' | 'workMs';

/** What one subscription of a stage tells of itself to a report. */
export interface StageFacts {
  /** As the user wrote it, such as `prefetch(10)`. */
  readonly name: string;
  /**
   * What it waits for: its input, its consumer, or work of its own that goes on elsewhere. Asked only while the thread is
   * not at work on the pipeline.
   */
  readonly phase: () => Phase;
  /** Whether it gets its items from outside of the pipeline, such as a file. Default: false. */
  readonly isSource?: boolean | undefined;
  /** How many items have come out. Default: as many as came in. */
  readonly emitted?: (() => number) | undefined;
  /** How many items it holds. Default: `undefined`, nobody knows. */
  readonly held?: (() => number | undefined) | undefined;
  /** Whether it takes no more. Default: never. */
  readonly isFull?: (() => boolean) | undefined;
  /** How many items it may hold, where that is a number. */
  readonly capacity?: number | undefined;
  /** What its user can do where all wait for its work, as the end of a sentence: `raise its concurrency`. */
  readonly remedy?: string | undefined;
}

/** Observes one subscription of a stage. The kernel calls it; a report implements it. */
export interface StageObserver {
  /**
   * Observes a stage above this one.
   *
   * @param others - the observers of further stages that it delivers to.
   */
  readonly watch: (facts: StageFacts, others?: readonly StageObserver[]) => StageObserver;
  /** Counts an item that comes in. */
  readonly count: (item: unknown) => void;
  /** The thread begins to work on the pipeline, or goes deeper into it. */
  readonly begin: () => void;
  /** The thread leaves what it began last. */
  readonly end: () => void;
  /** Returns the same work between {@link begin} and {@link end}. */
  readonly timed: (work: () => void) => () => void;
  /** Ends the observation, when the subscription ends. */
  readonly close: () => void;
}

/** Returns the observer of the stage that a subscriber delivers to; `undefined` if nobody observes. */
export function observerBelow(subscriber: Subscriber<unknown>): StageObserver | undefined {
  return carriedBelow(subscriber, OBSERVER) as StageObserver | undefined;
}

/**
 * Has a stage observed, if a stage below it is.
 *
 * @param subscribers - what the stage emits to.
 */
export function observe(subscribers: readonly Subscriber<unknown>[], facts: StageFacts): StageObserver | undefined {
  const [below, ...others] = subscribers.flatMap((subscriber) => observerBelow(subscriber) ?? []);
  return below?.watch(facts, others);
}
