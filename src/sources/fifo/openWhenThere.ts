const FIRST_DELAY_MS = 1;
const LONGEST_DELAY_MS = 50;

export interface OpenWhenThereOptions {
  readonly attempt: () => number | undefined;
  readonly timeoutMs: number;
  readonly onOpen: (fd: number) => void;
  readonly onError: (error: unknown) => void;
  readonly timeoutError: () => Error;
}

/**
 * Repeats an attempt until it succeeds, at intervals that grow from 1 to 50 ms.
 *
 * @returns a function that stops the attempts.
 */
export function openWhenThere(options: OpenWhenThereOptions): () => void {
  const { attempt, timeoutMs, onOpen, onError, timeoutError } = options;
  const deadline = performance.now() + timeoutMs;
  let delayMs = FIRST_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;

  const tryOnce = (): void => {
    // If the thread was blocked until after the deadline, one more attempt follows.
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
