import { within } from './context.js';
import type { Gate } from './gate.js';
import type { Lead } from './lead.js';
import type { StageObserver } from './observer.js';

export interface LoopTarget {
  /** Ends the loop. */
  readonly closed: boolean;
  /** Receives exceptions of a step. */
  error(error: unknown): void;
}

export interface LoopOptions {
  /** The gate for subscriptions during a step. Default: the caller's. */
  readonly gate?: Gate;
  /** The lead of emissions during a step. Default: the caller's. */
  readonly lead?: Lead;
  /** Measures the time of the loop. */
  readonly observer?: StageObserver | undefined;
}

/**
 * Returns a function that repeats `step` until it returns false or throws, or the target closes.
 *
 * A call from inside the loop does nothing, because the loop checks again. So `step` must check everything each time,
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
