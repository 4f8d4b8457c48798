import type { MonoTypeOperatorFunction } from 'rxjs';
import { carriedMemory } from '../demand/chunkMemory.js';
import { operate } from '../demand/operate.js';

export function abortable<T>(signal: AbortSignal | undefined): MonoTypeOperatorFunction<T> {
  if (!signal) return (source) => source;
  return (source) =>
    operate<T, T>(source, (destination) => {
      const abort = (): void => destination.error(signal.reason);
      if (signal.aborted) abort();
      else destination.add(listenerOf(signal).add(abort));
      return { next: (value) => destination.next(value), carries: carriedMemory(destination) };
    });
}

const listeners = new WeakMap<AbortSignal, SharedListener>();

function listenerOf(signal: AbortSignal): SharedListener {
  const listener = listeners.get(signal) ?? new SharedListener(signal);
  listeners.set(signal, listener);
  return listener;
}

/** Registers one listener on a signal for all sources, because Node.js warns about more than ten listeners. */
class SharedListener {
  readonly #signal: AbortSignal;
  readonly #aborts = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(abort: () => void): () => void {
    if (this.#aborts.size === 0) this.#signal.addEventListener('abort', this.#abortAll);
    this.#aborts.add(abort);
    return () => {
      this.#aborts.delete(abort);
      if (this.#aborts.size === 0) this.#signal.removeEventListener('abort', this.#abortAll);
    };
  }

  readonly #abortAll = (): void => {
    for (const abort of this.#aborts) abort();
  };
}
