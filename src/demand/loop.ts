import { within } from './context.js';
import type { Gate } from './gate.js';
import type { Lead } from './lead.js';
import type { StageObserver } from './observer.js';

export interface LoopTarget {
  readonly closed: boolean;
  /** Receives exceptions of a step. */
  error(error: unknown): void;
}

export interface LoopOptions {
  /** The gate of subscriptions that are made during a step. Default: the gate of the caller. */
  readonly gate?: Gate;
  /** The lead of emissions during a step. Default: the lead of the caller. */
  readonly lead?: Lead;
  readonly observer?: StageObserver | undefined;
}

/**
 * Returns a function that repeats `step` until it returns false or throws, or the target closes.
 *
 * A call from inside the loop does nothing, because the loop calls `step` again anyway. So `step` must check all
 * conditions each time. It must return true after it has emitted an item or opened a gate, because both may deliver the
 * next item synchronously.
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
