import { PROTOCOL } from '../base/shared.js';
import { tensorsIn } from './tensorFlow.js';

/** Counters over all passes of a {@link TensorDataset}. */
export interface DatasetStats {
  /** The number of passes that have opened the source. */
  readonly passes: number;
  readonly batches: number;
  /** The number of records, from the first dimension of the first tensor of each batch. */
  readonly records: number;
  /**
   * The time that `next()` has waited for the source, in milliseconds, including the pipeline's work on this thread.
   */
  readonly inputWaitMs: number;
}

/** One pass over a {@link TensorDataset}. */
export interface TensorIterator<T> {
  /**
   * Resolves with the next batch. The caller must dispose of its tensors. Resolves with `done` after the end of the
   * source, an error or `close()`.
   */
  next(): Promise<IteratorResult<T, undefined>>;
  /** True if `close()` or a newer pass ended this pass before the source ended. */
  readonly wasClosed: boolean;
}

export interface TensorDatasetParts<T> {
  readonly size: number;
  /**
   * An iterator opens the source at the first `next()`, and closes it in `return()` or when the iterator is
   * garbage-collected.
   */
  readonly source: AsyncIterable<unknown>;
  /** Makes tensors from a batch. Must dispose of all tensors before it throws. */
  readonly convert: (batch: unknown) => T;
  readonly mayBeginEmpty: boolean;
}

/** The names of methods that other copies of this package call. */
export const DISPOSE_BATCH = Symbol.for(`millrace.disposeBatch@${PROTOCOL}`);
export const MAY_BE_EMPTY = Symbol.for(`millrace.mayBeEmpty@${PROTOCOL}`);

/** True for a TensorDataset of this or another copy of this package. */
export function isTensorDataset(value: unknown): value is TensorDataset<unknown> {
  return typeof value === 'object' && value !== null && DISPOSE_BATCH in value;
}

const DONE = { done: true, value: undefined } as const;

interface Pass {
  readonly batches: AsyncIterator<unknown>;
  state: 'new' | 'open' | 'ended' | 'closed';
}

/**
 * A dataset of tensor batches for tfjs. It can be read many times, also after `close()`.
 *
 * Each iterator is one pass over the source. A pass opens the source at its first `next()`, not in `iterator()`,
 * because tfjs makes unused iterators. Only one pass is open at a time: the first `next()` of a new pass closes the
 * previous pass.
 */
export class TensorDataset<T> {
  /** The number of batches in a pass, or NaN if unknown, as tfjs expects. */
  readonly size: number;
  readonly #parts: TensorDatasetParts<T>;
  readonly #stats = { passes: 0, batches: 0, records: 0, inputWaitMs: 0 };
  #latest: Pass | undefined;
  #lastBatch: T | undefined;

  constructor(parts: TensorDatasetParts<T>) {
    this.size = parts.size;
    this.#parts = parts;
  }

  /** A copy of the current counters. */
  get stats(): DatasetStats {
    return { ...this.#stats };
  }

  /** Starts a new pass. */
  iterator(): Promise<TensorIterator<T>> {
    const pass: Pass = { batches: this.#parts.source[Symbol.asyncIterator](), state: 'new' };
    return Promise.resolve({
      next: () => this.#next(pass),
      get wasClosed() {
        return pass.state === 'closed';
      },
    });
  }

  /** Closes the open pass. Its pending and later calls of `next()` resolve with `done`. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closeLatest();
      resolve();
    });
  }

  /** Calls {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Disposes of the last batch after its consumer has failed. */
  [DISPOSE_BATCH](): void {
    for (const tensor of tensorsIn(this.#lastBatch)) tensor.dispose();
  }

  /** True in the first pass of a resumed pipeline: this pass may have no batch. */
  [MAY_BE_EMPTY](): boolean {
    return this.#parts.mayBeginEmpty && this.#stats.passes === 1;
  }

  async #next(pass: Pass): Promise<IteratorResult<T, undefined>> {
    try {
      if (pass.state === 'new') this.#begin(pass);
      const batch = await this.#waitFor(pass.batches);
      if (batch.done !== true) return { done: false, value: this.#deliver(batch.value) };
    } catch (error) {
      this.#end(pass, 'ended');
      throw error;
    }
    this.#end(pass, 'ended');
    return DONE;
  }

  #begin(pass: Pass): void {
    this.#closeLatest();
    pass.state = 'open';
    this.#latest = pass;
    this.#stats.passes += 1;
  }

  async #waitFor(batches: AsyncIterator<unknown>): Promise<IteratorResult<unknown>> {
    const askedAt = performance.now();
    try {
      return await batches.next();
    } finally {
      this.#stats.inputWaitMs += performance.now() - askedAt;
    }
  }

  #deliver(batch: unknown): T {
    const tensors = this.#parts.convert(batch);
    this.#lastBatch = tensors;
    this.#stats.batches += 1;
    this.#stats.records += tensorsIn(tensors).next().value?.shape[0] ?? 0;
    return tensors;
  }

  #closeLatest(): void {
    if (this.#latest) this.#end(this.#latest, 'closed');
  }

  #end(pass: Pass, state: 'ended' | 'closed'): void {
    if (pass.state === 'open') pass.state = state;
    void pass.batches.return?.();
  }
}
