import type { Observable } from 'rxjs';
import { pullSource } from '../demand/pullSource.js';
import { readOnce, requireIterable } from './readOnce.js';

/**
 * Emits the values of an async iterable (an async generator, a Node stream, a web stream) on demand. RxJS's `from()`
 * ignores demand.
 *
 * ```ts
 * import { createReadStream } from 'node:fs';
 * import { fromAsyncIterable } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromAsyncIterable<Uint8Array>(createReadStream('notes.txt')).pipe(decodeTextLine());
 * ```
 *
 * Each subscription iterates again. A generator object or a stream can be iterated only once, so a second subscription
 * fails with a ConfigError. For a generator function `numbers`, pass `{ [Symbol.asyncIterator]: numbers }`. Create a
 * stream inside `defer()`.
 *
 * Memory: one value. Fails with the errors of the iterable. Unsubscribing calls the iterator's `return()`, which closes
 * a stream. Rejections of `return()` are ignored.
 */
export function fromAsyncIterable<T>(iterable: AsyncIterable<T>): Observable<T> {
  requireIterable('fromAsyncIterable', iterable, Symbol.asyncIterator);
  return asyncIterableSource(iterable, 'fromAsyncIterable');
}

/** {@link fromAsyncIterable} with a name for reports. */
export function asyncIterableSource<T>(iterable: AsyncIterable<T>, name: string): Observable<T> {
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
  }, name);
}
