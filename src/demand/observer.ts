import type { Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { carriedBelow } from './carried.js';

export const OBSERVER = Symbol.for(`millrace.observer@${PROTOCOL}`);

/** Waiting for input, waiting for the consumer, or work. */
export type Phase = 'inputMs' | 'consumerMs' | 'workMs';

export interface StageFacts {
  /** The name in the user's code, such as `prefetch(10)`. */
  readonly name: string;
  /** `workMs` while another thread works for the stage. Called only while this thread is outside the pipeline. */
  readonly phase: () => Phase;
  /** Whether the stage's items come from outside the pipeline, for example from a file. Default: false. */
  readonly isSource?: boolean | undefined;
  /** The number of emitted items. Default: the number of incoming items. */
  readonly emitted?: (() => number) | undefined;
  /** The number of buffered items. Default: unknown. */
  readonly held?: (() => number | undefined) | undefined;
  /** Default: never. */
  readonly isFull?: (() => boolean) | undefined;
  /** The maximum number of buffered items. `undefined` if there is no limit. */
  readonly capacity?: number | undefined;
  /** The remedy if the pipeline waits for this stage's work, as the end of a sentence: `raise its concurrency`. */
  readonly remedy?: string | undefined;
}

/** Observes one subscription of a stage. Implemented in `src/report`. */
export interface StageObserver {
  /**
   * Observes a stage above this one.
   *
   * @param others - the observers of other stages that receive its items.
   */
  readonly watch: (facts: StageFacts, others?: readonly StageObserver[]) => StageObserver;
  readonly count: (item: unknown) => void;
  /** Call it when the thread enters the pipeline. Calls may be nested. */
  readonly begin: () => void;
  readonly end: () => void;
  readonly timed: (work: () => void) => () => void;
  readonly close: () => void;
}

export function observerBelow(subscriber: Subscriber<unknown>): StageObserver | undefined {
  return carriedBelow(subscriber, OBSERVER) as StageObserver | undefined;
}

/**
 * Returns an observer if a stage downstream is observed.
 *
 * @param subscribers - the receivers of the stage's items.
 */
export function observe(subscribers: readonly Subscriber<unknown>[], facts: StageFacts): StageObserver | undefined {
  const [below, ...others] = subscribers.flatMap((subscriber) => observerBelow(subscriber) ?? []);
  return below?.watch(facts, others);
}
