import type { Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';
import { carriedBelow } from './carried.js';

export const OBSERVER = Symbol.for(`millrace.observer@${PROTOCOL}`);

export type Phase = 'inputMs' | 'consumerMs' | 'workMs';

/** A thread that works for a stage. Items and times are sums since the thread started. Times are in milliseconds. */
export interface ThreadUsage {
  /** An object that identifies the thread. */
  readonly thread: object;
  readonly name: string;
  /** The number of items that the thread has sent. */
  readonly items: number;
  readonly workMs: number;
  readonly waitMs: number;
  /** The number of the thread's items that are not yet used, or not yet processed. */
  readonly held: number;
}

export interface StageFacts {
  readonly name: string;
  /**
   * Returns the current phase of the stage. `workMs` means asynchronous work, for example on another thread. Called
   * only while this thread does not work on the pipeline.
   */
  readonly phase: () => Phase;
  readonly isSource?: boolean | undefined;
  readonly emitted?: (() => number) | undefined;
  readonly held?: (() => number | undefined) | undefined;
  readonly isFull?: (() => boolean) | undefined;
  /** The maximum queue length, or a function that returns the current maximum. */
  readonly capacity?: number | (() => number) | undefined;
  /** A clause with the remedy if the pipeline waits for this stage, or a function that returns the current clause. */
  readonly remedy?: string | (() => string) | undefined;
  readonly threads?: (() => readonly ThreadUsage[]) | undefined;
}

export interface StageObserver {
  /**
   * Returns an observer of an upstream stage.
   *
   * @param others - the observers of other stages that receive the same items, as with `broadcast`.
   */
  readonly watch: (facts: StageFacts, others?: readonly StageObserver[]) => StageObserver;
  readonly count: (item: unknown) => void;
  /** Counts an item that an operator such as `batch`, which is not a stage, has made from several items. */
  readonly countBatch: () => void;
  /** Called when the thread starts to work on the pipeline. Calls may be nested. */
  readonly begin: () => void;
  readonly end: () => void;
  readonly timed: (work: () => void) => () => void;
  readonly close: () => void;
}

export function observerBelow(subscriber: Subscriber<unknown>): StageObserver | undefined {
  return carriedBelow(subscriber, OBSERVER) as StageObserver | undefined;
}

/**
 * Returns an observer if a downstream stage is observed.
 *
 * @param subscribers - the receivers of the stage's items.
 */
export function observe(subscribers: readonly Subscriber<unknown>[], facts: StageFacts): StageObserver | undefined {
  const [below, ...others] = subscribers.flatMap((subscriber) => observerBelow(subscriber) ?? []);
  return below?.watch(facts, others);
}
