import { within } from './context.js';
import type { Gate } from './gate.js';
import type { Lead } from './lead.js';
import type { StageObserver } from './observer.js';

export interface LoopTarget {
  readonly closed: boolean;
  error(error: unknown): void;
}

export interface LoopOptions {
  readonly gate?: Gate;
  readonly lead?: Lead;
  readonly observer?: StageObserver | undefined;
}

/**
 * Returns a function that repeats `step` until `step` returns false or throws, or the target closes. Nested calls do
 * nothing. `step` must check all conditions each time. After it has emitted an item or opened a gate, it must return
 * true, because the next item may have arrived in the meantime.
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
  if (!observer) return start;
  const timed = observer.timed(start);
  return () => {
    if (!isRunning) timed();
  };
}
