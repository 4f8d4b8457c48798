import { tensorsIn } from './tensorFlow.js';

/** What a {@link TensorDataset} has delivered since it was made, over all its passes. */
export interface DatasetStats {
  /** How often the source was opened: once for each pass that was asked for a first batch. */
  readonly passes: number;
  readonly batches: number;
  /** The lengths of the first dimension of each batch's first tensor, added up. */
  readonly records: number;
  /** How long the consumer stood waiting for the source in `next()`, its work on this thread included. */
  readonly inputWaitMs: number;
}

/** One pass over a {@link TensorDataset}. */
export interface TensorIterator<T> {
  /** The next batch, as tensors that the caller disposes of. After the end, an error or a close it stays done. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Whether `close()` or the start of another pass ended it before its source did. */
  readonly wasClosed: boolean;
}

/** What a {@link TensorDataset} is made of. */
export interface TensorDatasetParts<T> {
  readonly size: number;
  /** Its iterators open the source at their first `next()`, and close it within the call of `return()`, or when dropped. */
  readonly source: AsyncIterable<unknown>;
  /** Leaves no tensor behind when it throws. */
  readonly convert: (batch: unknown) => T;
  /** Whether the first pass may be without a batch. */
  readonly mayBeginEmpty: boolean;
}

const DONE = { done: true, value: undefined } as const;

/** One pass over the source. */
interface Pass {
  readonly batches: AsyncIterator<unknown>;
  state: 'new' | 'open' | 'ended' | 'closed';
}

/**
 * What `model.fitDataset` and `model.evaluateDataset` of tfjs take: batches of tensors that can be passed over again.
 *
 * A pass opens the source at its first `next()`, never in `iterator()`, since tfjs asks for more iterators than it uses.
 * One pass is open at a time: the first `next()` of another closes it. A closed dataset can be passed over again.
 */
export class TensorDataset<T> {
  /** The number of batches in a pass; NaN, which tfjs takes for unknown, where it was not told. */
  readonly size: number;
  readonly #parts: TensorDatasetParts<T>;
  readonly #stats = { passes: 0, batches: 0, records: 0, inputWaitMs: 0 };
  #latest: Pass | undefined;
  #inHand: T | undefined;

  constructor(parts: TensorDatasetParts<T>) {
    this.size = parts.size;
    this.#parts = parts;
  }

  /** The figures of this moment. */
  get stats(): DatasetStats {
    return { ...this.#stats };
  }

  /** Another pass over the source, which is opened by the first `next()`. */
  iterator(): Promise<TensorIterator<T>> {
    const pass: Pass = { batches: this.#parts.source[Symbol.asyncIterator](), state: 'new' };
    return Promise.resolve({
      next: () => this.#next(pass),
      get wasClosed() {
        return pass.state === 'closed';
      },
    });
  }

  /** Closes the source where a pass has it open: a `next()` that waits for it is done, and so are those that follow. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closeLatest();
      resolve();
    });
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Disposes of the batch that was delivered last, for a consumer that failed with it in hand. */
  static disposeBatchInHand(dataset: TensorDataset<unknown>): void {
    for (const tensor of tensorsIn(dataset.#inHand)) tensor.dispose();
  }

  /** Whether the pass that has just ended may be without a batch: the first one of a pipeline that was resumed. */
  static mayBeEmpty(dataset: TensorDataset<unknown>): boolean {
    return dataset.#parts.mayBeginEmpty && dataset.#stats.passes === 1;
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
    this.#inHand = tensors;
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
