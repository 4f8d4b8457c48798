import type { Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { carriedBelow } from './carried.js';

export const OBSERVER = Symbol.for(`millrace.observer@${PROTOCOL}`);

/** The use of a stage's time: waiting for input, waiting for the consumer, or work. */
export type Phase = 'inputMs' | 'consumerMs' | 'workMs';

export interface StageFacts {
  /** In the user's code: `prefetch(10)`. */
  readonly name: string;
  /**
   * Returns the current phase; `workMs` for work outside this thread. Called only while the thread is outside the
   * pipeline.
   */
  readonly phase: () => Phase;
  /** Whether its items come from outside the pipeline, for example from a file. Default: false. */
  readonly isSource?: boolean | undefined;
  /** Returns the number of emitted items. Default: the number of incoming items. */
  readonly emitted?: (() => number) | undefined;
  /** Returns the number of held items. Default: unknown. */
  readonly held?: (() => number | undefined) | undefined;
  /** Default: never. */
  readonly isFull?: (() => boolean) | undefined;
  /** The maximum number of held items, if limited. */
  readonly capacity?: number | undefined;
  /** The remedy if the pipeline waits for its work, as the end of a sentence: `raise its concurrency`. */
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
  readonly count: (item: unknown) => void;
  /** The thread enters the pipeline. Calls may be nested. */
  readonly begin: () => void;
  readonly end: () => void;
  /** Wraps work in {@link begin} and {@link end}. */
  readonly timed: (work: () => void) => () => void;
  /** Call it when the subscription has ended. */
  readonly close: () => void;
}

/** Returns the observer of the stage that a subscriber delivers to, if there is one. */
export function observerBelow(subscriber: Subscriber<unknown>): StageObserver | undefined {
  return carriedBelow(subscriber, OBSERVER) as StageObserver | undefined;
}

/**
 * Observes a stage if a stage below it is observed.
 *
 * @param subscribers - the receivers of the stage's items.
 */
export function observe(subscribers: readonly Subscriber<unknown>[], facts: StageFacts): StageObserver | undefined {
  const [below, ...others] = subscribers.flatMap((subscriber) => observerBelow(subscriber) ?? []);
  return below?.watch(facts, others);
}
