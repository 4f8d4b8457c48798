import { within } from './context.js';
import type { Gate } from './gate.js';
import type { Lead } from './lead.js';
import type { StageObserver } from './observer.js';

/** What a {@link loop} works for, such as a subscriber. */
export interface LoopTarget {
  /** Ends the loop. */
  readonly closed: boolean;
  /** Takes what a step throws. */
  error(error: unknown): void;
}

/** Options of {@link loop}. */
export interface LoopOptions {
  /** The gate for subscriptions that a step causes. Default: the caller's. */
  readonly gate?: Gate;
  /** The lead that the steps emit with. Default: the caller's. */
  readonly lead?: Lead;
  /** Times the loop. */
  readonly observer?: StageObserver | undefined;
}

/**
 * Returns a function that repeats `step` until that returns false, throws, or the target closes.
 *
 * A call from inside the loop does nothing, because the loop looks again. So `step` must look at everything each time,
 * and must return true after each emission and each opening of a gate: either may deliver the next item synchronously.
 */
export function loop(target: LoopTarget, step: () => boolean, options: LoopOptions = {}): () => void {
  const { gate, lead, observer } = options;
  let isRunning = false;
  const repeat = (): void => {
    while (!target.closed && step());
  };
  const start = (): void => {
    if (isRunning) return;
    isRunning = true;
    try {
      if (gate) within(gate, repeat, lead);
      else repeat();
    } catch (error) {
      target.error(error);
    } finally {
      isRunning = false;
    }
  };
  return observer?.timed(start) ?? start;
}
