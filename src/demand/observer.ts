import type { Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { carriedBelow } from './carried.js';

/** The property by which a subscriber carries the {@link StageObserver} for all above it. */
export const OBSERVER = Symbol.for(`millrace.observer@${PROTOCOL}`);

/** What takes a stage's time: it waits for input, it waits for its consumer, or it works. */
export type Phase = 'inputMs' | 'consumerMs' | 'workMs';

/** The facts of one subscription of a stage. */
export interface StageFacts {
  /** As the user wrote it, such as `prefetch(10)`. */
  readonly name: string;
  /** Returns what it waits for, or `workMs` for work outside of this thread. Called only while the pipeline rests. */
  readonly phase: () => Phase;
  /** Whether its items come from outside of the pipeline, such as a file. Default: false. */
  readonly isSource?: boolean | undefined;
  /** Returns the number of items that have come out. Default: as many as came in. */
  readonly emitted?: (() => number) | undefined;
  /** Returns the number of items that it holds. Default: `undefined`, which is unknown. */
  readonly held?: (() => number | undefined) | undefined;
  /** Whether it takes no more items. Default: never. */
  readonly isFull?: (() => boolean) | undefined;
  /** The number of items that it may hold, if that is limited. */
  readonly capacity?: number | undefined;
  /** What the user can do if the pipeline waits for its work, as the end of a sentence: `raise its concurrency`. */
  readonly remedy?: string | undefined;
}

/** Observes one subscription of a stage. The kernel calls it; `src/report` implements it. */
export interface StageObserver {
  /**
   * Observes a stage above this one.
   *
   * @param others - the observers of other stages that it delivers to.
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
