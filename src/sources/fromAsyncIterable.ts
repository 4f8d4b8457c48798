import type { Observable } from 'rxjs';
import { pullSource } from '../demand/pullSource.js';
import { readOnce, requireIterable } from './readOnce.js';

/**
 * Emits the values of an async iterable (an async generator, a Node stream, a web stream), asking for the next one only
 * when it is wanted. RxJS's `from` asks for all of them at once.
 *
 * ```ts
 * import { createReadStream } from 'node:fs';
 * import { fromAsyncIterable } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromAsyncIterable<Uint8Array>(createReadStream('notes.txt')).pipe(decodeTextLine());
 * ```
 *
 * The iterable is iterated anew at each subscription, so in each epoch. A generator object or a stream can be iterated
 * once only: a second subscription is notified of a ConfigError. Give `{ [Symbol.asyncIterator]: numbers }` instead of
 * `numbers()`, or make the stream in a `defer`.
 *
 * Order: the iterable's. Memory: one value. Errors: what the iterable throws or rejects with arrives as an error
 * notification. Unsubscribing calls the iterator's `return()`, which closes a stream; what that rejects with is nobody's
 * any more and is dropped.
 */
export function fromAsyncIterable<T>(iterable: AsyncIterable<T>): Observable<T> {
  requireIterable('fromAsyncIterable', iterable, Symbol.asyncIterator);
  return pullSource((outlet) => {
    readOnce('fromAsyncIterable', iterable);
    const iterator = iterable[Symbol.asyncIterator]();
    let isDone = false;
    const settle = (result: IteratorResult<T>): void => {
      if (result.done) {
        isDone = true;
        outlet.complete();
      } else outlet.deliver(result.value);
    };
    const fail = (error: unknown): void => {
      isDone = true;
      outlet.fail(error);
    };
    return {
      pull: () => {
        iterator.next().then(settle, fail);
      },
      close: () => {
        if (!isDone) iterator.return?.().catch(() => undefined);
      },
    };
  }, 'fromAsyncIterable');
}
