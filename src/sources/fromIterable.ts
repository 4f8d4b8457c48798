import type { Observable } from 'rxjs';
import { pullSource } from '../demand/pullSource.js';
import { readOnce, requireIterable } from './readOnce.js';

/**
 * Emits the values of an iterable on demand. RxJS's `from()` emits all values immediately.
 *
 * ```ts
 * import { fromIterable } from 'millrace';
 *
 * function* numbers() {
 *   for (let i = 0; ; i++) yield i;
 * }
 * const numbers$ = fromIterable({ [Symbol.iterator]: numbers });
 * ```
 *
 * Each subscription iterates again. A generator object, such as `numbers()`, can be iterated only once, so a second
 * subscription fails with a ConfigError.
 *
 * Memory: one value. Fails with the error that the iterator throws. Unsubscribing calls the iterator's `return()`.
 */
export function fromIterable<T>(iterable: Iterable<T>): Observable<T> {
  requireIterable('fromIterable', iterable, Symbol.iterator);
  return pullSource((outlet) => {
    readOnce('fromIterable', iterable);
    const iterator = iterable[Symbol.iterator]();
    // If the iterator has ended, `return()` must not be called.
    let isLive = true;
    return {
      pull: () => {
        isLive = false;
        const result = iterator.next();
        isLive = result.done !== true;
        if (result.done) outlet.complete();
        else outlet.deliver(result.value);
      },
      close: () => {
        if (isLive) iterator.return?.();
      },
    };
  }, 'fromIterable');
}
