import type { Observable } from 'rxjs';
import { pullSource } from '../demand/pullSource.js';
import { readOnce, requireIterable } from './readOnce.js';

/**
 * Emits the values of an iterable, no faster than they are wanted.
 *
 * RxJS's `from` pushes the whole iterable through at once; this one stops at a closed gate and goes on when it opens,
 * so a generator of ten million records stays a generator.
 *
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { batch, prefetch } from 'millrace/operators';
 *
 * function* numbers() {
 *   for (let i = 0; ; i++) yield i;
 * }
 * const batches$ = fromIterable({ [Symbol.iterator]: numbers }).pipe(batch(64), prefetch(2));
 * ```
 *
 * The iterable is iterated anew at each subscription, so in each epoch. A generator object, such as `numbers()`, can be
 * iterated once only: a second subscription is notified of a ConfigError. The generator function itself, as above, can
 * be iterated any number of times.
 *
 * Order: the iterable's. Memory: one value. Errors: what the iterator throws arrives as an error notification.
 * Unsubscribing calls the iterator's `return()`.
 */
export function fromIterable<T>(iterable: Iterable<T>): Observable<T> {
  requireIterable('fromIterable', iterable, Symbol.iterator);
  return pullSource((outlet) => {
    readOnce('fromIterable', iterable);
    const iterator = iterable[Symbol.iterator]();
    // An iterator that has ended, or thrown, is not told to return.
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
