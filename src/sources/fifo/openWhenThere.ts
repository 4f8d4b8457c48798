import { performance } from 'node:perf_hooks';

const FIRST_DELAY_MS = 1;
const LONGEST_DELAY_MS = 50;

/** What {@link openWhenThere} tries, for how long, and whom it tells. */
export interface OpenWhenThereOptions {
  /** Gives a descriptor, or `undefined` while it is too early. May throw. */
  readonly attempt: () => number | undefined;
  readonly timeoutMs: number;
  readonly onOpen: (fd: number) => void;
  /** Told once when `attempt` throws, or with what `timeoutError` makes when time is up. */
  readonly onError: (error: unknown) => void;
  readonly timeoutError: () => Error;
}

/**
 * Tries until it succeeds, ever less often, up to 20 times a second. Holds a timer and no thread.
 *
 * @returns what ends it at once.
 */
export function openWhenThere(options: OpenWhenThereOptions): () => void {
  const { attempt, timeoutMs, onOpen, onError, timeoutError } = options;
  const deadline = performance.now() + timeoutMs;
  let delayMs = FIRST_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;

  const tryOnce = (): void => {
    // Asked for before the attempt, so that a thread that was blocked past the deadline still tries once more.
    const isLast = performance.now() >= deadline;
    try {
      const fd = attempt();
      if (fd !== undefined) onOpen(fd);
      else if (isLast) onError(timeoutError());
      else {
        timer = setTimeout(tryOnce, Math.min(delayMs, deadline - performance.now()));
        delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
      }
    } catch (error) {
      onError(error);
    }
  };

  tryOnce();
  return () => {
    clearTimeout(timer);
  };
}
