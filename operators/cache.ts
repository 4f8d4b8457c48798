import { defer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { z } from 'zod';
import { byteLengthOf } from '../src/base/byteLengthOf.js';
import { ConfigError } from '../src/base/errors.js';
import { keepMemory } from '../src/arrays/freshMemory.js';
import { operate } from '../src/demand/operate.js';
import { ownMemory } from '../src/base/ownMemory.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { PASS, passOf, type Pass } from '../src/resume/pass.js';
import { pullSource } from '../src/demand/pullSource.js';
import { warn } from '../src/base/warn.js';

/** Options of {@link cache}. */
export interface CacheOptions {
  /** How many bytes it may hold; more is an error. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

/** The options of {@link cache}. */
export const cacheSchema = z.strictObject({ maxBytes: z.int().positive().optional() });

/**
 * Keeps in memory what the first full pass delivers, and replays it from there: `tf.data`'s `cache`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { cache, decodeTFRecord, shuffle } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const records$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   cache({ maxBytes: 2 ** 30 }), // one epoch of the channel is read, however many are trained
 *   shuffle(10_000), // after it, so that each epoch has an order of its own
 *   repeat(10),
 * );
 * ```
 *
 * Only a pass that completes is kept. One that fails, or is unsubscribed before its end (by `take`, or by a loop that is
 * left), is dropped, of which a process warning tells once; the next subscription reads the source again. Subscriptions
 * that come while the first pass is under way read the source for themselves. Replayed items are the same objects, in
 * the same order: do not change them in place.
 *
 * Memory: all items of a pass, for as long as this application of the operator is reachable. A record smaller than a
 * quarter of the memory it is a view on is copied. A replay heeds demand as any source does.
 *
 * Throws a ConfigError at the call for bad options. Notifies a ConfigError with the path `maxBytes` when the items weigh
 * more than that. Unsubscribing a replay releases nothing but the replay.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#cache
 */
export function cache<T>(options: CacheOptions = {}): MonoTypeOperatorFunction<T> {
  const { maxBytes = Infinity } = parseOptions('cache', cacheSchema, options, { form: 'cache({ maxBytes: 1e9 })' });
  return (source) => {
    let cached$: Observable<T> | undefined;
    let isFilling = false;
    let isTold = false;

    const fill = (): Observable<T> =>
      operate<T, T>(source, (destination) => {
        isFilling = true;
        const pass = passOf(destination);
        let items: T[] = [];
        let bytes = 0;
        let hasEnded = false;
        destination.add(() => {
          isFilling = false;
          if (hasEnded || items.length === 0) return;
          if (!isTold) warnOfIncompletePass(items.length);
          isTold = true;
          items = [];
        });
        return {
          holds: 'cache',
          carries: pass && { [PASS]: firstOf(pass) },
          next: (item) => {
            const kept = ownMemory(item);
            bytes += byteLengthOf(kept);
            if (bytes > maxBytes) {
              hasEnded = true;
              throw tooMuch(maxBytes, items.length);
            }
            items.push(kept);
            keepMemory(kept);
            destination.next(kept);
          },
          error: (error) => {
            hasEnded = true;
            destination.error(error);
          },
          // Kept before anyone hears of the end, since `repeat` subscribes again at that moment.
          complete: () => {
            hasEnded = true;
            cached$ = replay(items);
            destination.complete();
          },
        };
      });

    return defer(() => {
      return cached$ ?? (isFilling ? source : fill());
    });
  };
}

/** What is above a cache is read in the first epoch, and in a process that resumes a later one as if it were the first. */
function firstOf({ ledger }: Pass): Pass {
  return { epoch: 0, ledger };
}

/** A source of what is held. */
function replay<T>(items: readonly T[]): Observable<T> {
  return pullSource(({ deliver, complete }) => {
    let index = 0;
    return {
      pull: () => {
        if (index < items.length) deliver(items[index++] as T);
        else complete();
      },
      close: () => undefined,
    };
  }, 'cache');
}

function tooMuch(maxBytes: number, count: number): ConfigError {
  return new ConfigError(
    `cache: the items weigh more than maxBytes, ${maxBytes} bytes, after ${count} of them. Raise it if there is so much ` +
      'memory; else leave cache out, or put it where items are smaller.',
    { path: 'maxBytes' },
  );
}

function warnOfIncompletePass(count: number): void {
  warn(
    'MILLRACE_CACHE_INCOMPLETE',
    `cache: a pass was left after ${count} items, before the end of its source, and is not kept: the next one reads the ` +
      'source again. Put take below the source instead of below cache, or leave cache out.',
  );
}
