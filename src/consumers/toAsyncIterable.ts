import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { Inlet } from '../demand/inlet.js';
import type { OverrunPolicy } from '../demand/overrun.js';
import { Queue } from '../base/queue.js';
import { overrunPolicy } from '../base/optionFields.js';
import { parseOptions, requireOptions } from '../base/parseOptions.js';
import { requireSource } from '../base/requireSource.js';
import { warn } from '../base/warn.js';

/** Options of {@link toAsyncIterable}. */
export interface ToAsyncIterableOptions {
  /** The reaction to unrequested items. Default: `warn`, once for each iterator. */
  readonly overrun?: OverrunPolicy | undefined;
}

const optionsSchema = lazy(() => z.strictObject({ overrun: overrunPolicy().optional() }));

/**
 * Converts an Observable to an async iterable. The source emits one item for each request.
 *
 * ```ts
 * import { channel, toAsyncIterable } from 'millrace';
 * import { decodeTFRecord } from 'millrace/operators';
 *
 * for await (const record of toAsyncIterable(channel('train').pipe(decodeTFRecord()))) {
 *   if (record.byteLength === 0) break; // closes the channel
 * }
 * ```
 *
 * Each iterator subscribes at its first `next()`. Pending calls of `next()` resolve in order. The iterator buffers only
 * items that it has not requested (see `docs/backpressure.md`). `break`, an exception in the loop body, and `return()`
 * unsubscribe immediately and resolve pending calls as done. If the source fails, the items before the error are
 * delivered first. Then one `next()` rejects, and later calls resolve as done.
 *
 * The garbage collection of an open iterator unsubscribes, and causes the process warning `MILLRACE_UNCLOSED`.
 *
 * Throws a ConfigError if an argument is invalid.
 */
export function toAsyncIterable<T>(source: Observable<T>, options: ToAsyncIterableOptions = {}): AsyncIterable<T> {
  requireSource('toAsyncIterable', source);
  requireOptions('toAsyncIterable', options, "{ overrun: 'error' }");
  return pullingIterable(source, { unclosed: UNCLOSED, ...parseOptions('toAsyncIterable', optionsSchema(), options) });
}

export interface PullingOptions extends ToAsyncIterableOptions {
  /** The warning if an open iterator is garbage-collected. */
  readonly unclosed: string;
}

/** Like {@link toAsyncIterable}, with a different warning for users who do not see the iterator. */
export function pullingIterable<T>(source: Observable<T>, options: PullingOptions): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new PullingIterator(new Pulling(source, options)) };
}

const UNCLOSED =
  'toAsyncIterable: an iterator was garbage-collected while its source was open, so millrace closed the source. Read with ' +
  '`for await`, which closes the iterator, or call return() of the iterator.';

const unclosed = new FinalizationRegistry((pulling: { readonly drop: () => void }) => pulling.drop());

interface PendingNext<T> {
  /** Keeps the iterator alive while this call is pending. */
  readonly iterator: PullingIterator<T>;
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** The source does not refer to this iterator, so that the iterator can be garbage-collected. */
class PullingIterator<T> implements AsyncIterator<T, undefined> {
  readonly #pulling: Pulling<T>;

  constructor(pulling: Pulling<T>) {
    this.#pulling = pulling;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#pulling.next(this);
  }

  return(): Promise<IteratorResult<T, undefined>> {
    return this.#pulling.return();
  }
}

/** Not an async generator, because its `return()` would wait for a pending `next()`. */
class Pulling<T> {
  readonly #source: Observable<T>;
  readonly #unclosed: string;
  readonly #inlet: Inlet<T>;
  readonly #pending = new Queue<PendingNext<T>>();
  #isSubscribed = false;
  #failure: { readonly error: unknown } | undefined;
  #isEnded = false;

  constructor(source: Observable<T>, { overrun, unclosed }: PullingOptions) {
    this.#source = source;
    this.#unclosed = unclosed;
    this.#inlet = new Inlet<T>({
      ...{ name: 'toAsyncIterable', overrun },
      receive: (item) => {
        const pending = this.#pending.shift();
        if (pending) pending.resolve({ done: false, value: item });
        else this.#inlet.items.push(item);
      },
      hasRoom: () => this.#pending.length > 0,
      ended: (ending) => {
        if (ending.kind === 'failed') this.#failure = ending;
        this.#finish();
      },
    });
  }

  next(iterator: PullingIterator<T>): Promise<IteratorResult<T, undefined>> {
    const { items, gate } = this.#inlet;
    if (items.length > 0) return Promise.resolve({ done: false, value: items.shift() as T });
    if (this.#isEnded) return this.#end();
    return new Promise((resolve, reject) => {
      this.#pending.push({ iterator, resolve, reject });
      gate.open();
      if (!this.#isSubscribed) this.#subscribe(iterator);
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve) => {
      this.#failure = undefined;
      this.#inlet.items.clear();
      this.#finish();
      // Called last, because a teardown may throw.
      this.#inlet.close();
      resolve({ done: true, value: undefined });
    });
  }

  readonly drop = (): void => {
    warn('MILLRACE_UNCLOSED', this.#unclosed);
    void this.return();
  };

  #subscribe(iterator: PullingIterator<T>): void {
    this.#isSubscribed = true;
    unclosed.register(iterator, this, this);
    this.#inlet.subscribe(this.#source);
  }

  #finish(): void {
    this.#isEnded = true;
    unclosed.unregister(this);
    for (let pending = this.#pending.shift(); pending; pending = this.#pending.shift()) {
      this.#end().then(pending.resolve, pending.reject);
    }
  }

  #end(): Promise<IteratorResult<T, undefined>> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) return Promise.reject(failure.error);
    return Promise.resolve({ done: true, value: undefined });
  }
}
