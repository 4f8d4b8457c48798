import { setMaxListeners } from 'node:events';

export interface TrackedWork {
  /** All tracked work must end after an abort. */
  readonly signal: AbortSignal;
  /** If the work rejects before `stop` is called, `onError` receives the error. */
  readonly track: (work: Promise<void>) => void;
  readonly onError: (error: Error) => void;
  readonly stop: () => Promise<void>;
  readonly rethrow: () => void;
}

export function trackWork(listener: (error: Error) => void = () => undefined): TrackedWork {
  const running = new Set<Promise<void>>();
  const failures: Error[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  // Each FIFO adds a listener.
  setMaxListeners(0, signal);

  const onError = (error: Error) => {
    failures.push(error);
    listener(error);
  };
  const track = (work: Promise<void>) => {
    const settled = work
      .catch((error: unknown) => {
        if (!signal.aborted) onError(error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => running.delete(settled));
    running.add(settled);
  };
  const stop = async () => {
    stopping.abort();
    // Work may start more work.
    while (running.size > 0) await Promise.all(running);
  };
  const rethrow = () => {
    if (failures[0] !== undefined) throw failures[0];
  };
  return { signal, track, onError, stop, rethrow };
}
