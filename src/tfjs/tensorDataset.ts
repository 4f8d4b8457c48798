import { PROTOCOL } from '../base/shared.js';
import { tensorsIn } from './tensorFlow.js';

/** Counters of a {@link TensorDataset} over all its passes. */
export interface DatasetStats {
  /** The number of passes that have opened the source. */
  readonly passes: number;
  readonly batches: number;
  /** The sum of the first dimension of the first tensor of each batch. */
  readonly records: number;
  /** The time that `next()` waited for the source, in milliseconds. Includes the source's work on this thread. */
  readonly inputWaitMs: number;
}

/** One pass over a {@link TensorDataset}. */
export interface TensorIterator<T> {
  /** Returns the next batch. The caller must dispose of its tensors. After the end, an error or a close, it is done. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Whether `close()` or another pass ended this pass before its source ended. */
  readonly wasClosed: boolean;
}

/** The constructor arguments of a {@link TensorDataset}. */
export interface TensorDatasetParts<T> {
  readonly size: number;
  /** Its iterators open the source at the first `next()`. They close it in `return()` or when garbage-collected. */
  readonly source: AsyncIterable<unknown>;
  /** Converts a batch to tensors. Must dispose of all tensors if it throws. */
  readonly convert: (batch: unknown) => T;
  /** Whether the first pass may have no batch. */
  readonly mayBeginEmpty: boolean;
}

/** The name of a method that other copies of this package find in a dataset. */
export const DISPOSE_BATCH = Symbol.for(`millrace.disposeBatch@${PROTOCOL}`);
/** The same for the method that says whether a pass may be empty. */
export const MAY_BE_EMPTY = Symbol.for(`millrace.mayBeEmpty@${PROTOCOL}`);

/** Whether a value is a dataset, of this or another copy of this package. */
export function isTensorDataset(value: unknown): value is TensorDataset<unknown> {
  return typeof value === 'object' && value !== null && DISPOSE_BATCH in value;
}

const DONE = { done: true, value: undefined } as const;

/** One pass over the source. */
interface Pass {
  readonly batches: AsyncIterator<unknown>;
  state: 'new' | 'open' | 'ended' | 'closed';
}

/**
 * A dataset of tensor batches for `model.fitDataset` and `model.evaluateDataset` of tfjs. It can be read many times.
 *
 * A pass opens the source at its first `next()`, not in `iterator()`, because tfjs makes more iterators than it uses. One
 * pass is open at a time: the first `next()` of another pass closes it. A closed dataset can be read again.
 */
export class TensorDataset<T> {
  /** The number of batches in a pass; NaN if it is unknown, as tfjs expects. */
  readonly size: number;
  readonly #parts: TensorDatasetParts<T>;
  readonly #stats = { passes: 0, batches: 0, records: 0, inputWaitMs: 0 };
  #latest: Pass | undefined;
  #lastBatch: T | undefined;

  constructor(parts: TensorDatasetParts<T>) {
    this.size = parts.size;
    this.#parts = parts;
  }

  /** The current counters. */
  get stats(): DatasetStats {
    return { ...this.#stats };
  }

  /** Returns a new pass. Its first `next()` opens the source. */
  iterator(): Promise<TensorIterator<T>> {
    const pass: Pass = { batches: this.#parts.source[Symbol.asyncIterator](), state: 'new' };
    return Promise.resolve({
      next: () => this.#next(pass),
      get wasClosed() {
        return pass.state === 'closed';
      },
    });
  }

  /** Closes the source if a pass is open. Pending and later calls of `next()` of that pass return `done`. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closeLatest();
      resolve();
    });
  }

  /** Calls {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Disposes of the batch that was delivered last, for a consumer that failed with it in hand. */
  [DISPOSE_BATCH](): void {
    for (const tensor of tensorsIn(this.#lastBatch)) tensor.dispose();
  }

  /** Whether the pass that has just ended may be without a batch: the first one of a pipeline that was resumed. */
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
