import { defer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { byteLengthOf } from '../src/base/byteLengthOf.js';
import { ConfigError } from '../src/base/errors.js';
import { fileStore } from '../src/stores/fileStore.js';
import { keepMemory } from '../src/arrays/freshMemory.js';
import { keepItems } from '../src/snapshots/keepItems.js';
import { problemOfPath, urlScheme } from '../src/base/localPath.js';
import { operate } from '../src/demand/operate.js';
import { ownMemory } from '../src/base/ownMemory.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { PASS, passOf, type Pass } from '../src/resume/pass.js';
import { pullSource } from '../src/demand/pullSource.js';
import { quote } from '../src/base/showValue.js';
import { warn } from '../src/base/warn.js';

/** Options of {@link cache}. */
export interface CacheOptions {
  /** The maximum size of the cache in memory, in bytes. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /**
   * The path of a file. If set, the items are stored in this file, not in memory. Later processes read this file, too.
   */
  readonly file?: string | undefined;
}

const file = lazy(() =>
  z
    .string()
    .min(1, 'expected a path')
    .superRefine((path, context) => {
      const found = `expected a path on this machine, found ${quote(path)}`;
      const message = urlScheme(path) === 's3' ? `${found}: snapshot() stores items in a bucket` : problemOfPath(path);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe('The path of a file that stores the items instead of memory. Later processes read this file, too.'),
);

export const cacheSchema = lazy(() =>
  z
    .strictObject({
      maxBytes: z
        .int()
        .positive()
        .optional()
        .describe('The maximum number of bytes in the cache. More bytes cause an error. Default: no limit.'),
      file: file().optional(),
    })
    .refine(({ maxBytes, file }) => maxBytes === undefined || file === undefined, {
      path: ['maxBytes'],
      error: 'expected either maxBytes or file, found both',
    }),
);

/**
 * Stores the items of the first complete epoch in memory or in a file, and replays them to later subscriptions, like
 * `tf.data`'s `cache`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { cache, decodeTFRecord, shuffle } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const records$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   cache({ maxBytes: 2 ** 30 }),
 *   shuffle(10_000), // after cache, so that each epoch has its own order
 *   repeat(10),
 * );
 * ```
 *
 * If the first epoch fails or is unsubscribed early (by `take` or `break`), its items are dropped, and the next
 * subscription reads the source again. The first early unsubscription causes a process warning. A second subscription
 * during the first epoch reads the source, too. A replay emits the stored objects themselves, so do not change them.
 *
 * With `file`, works like `snapshot`, with the same memory and errors. Use one file for each `cache`. Remove the file
 * if the source or an upstream operator changes, because changes are not detected.
 *
 * Memory without `file`: all items of an epoch, until the resulting Observable is garbage-collected. A record smaller
 * than a quarter of its buffer is copied.
 *
 * Fails with a ConfigError if the items need more than `maxBytes`.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#cache
 */
export function cache<T>(options: CacheOptions = {}): MonoTypeOperatorFunction<T> {
  const form = 'cache({ maxBytes: 1e9 })';
  const { maxBytes = Infinity, file } = parseOptions('cache', cacheSchema(), options, { form });
  if (file !== undefined) return keepItems({ name: 'cache', store: fileStore(), path: file, url: () => file });
  return (source) => {
    let cached$: Observable<T> | undefined;
    let isFilling = false;
    let hasWarned = false;

    const fill = (): Observable<T> =>
      operate<T, T>(source, (destination) => {
        isFilling = true;
        const pass = passOf(destination);
        pass?.ledger.refuseSeeking('cache');
        const own = ownMemory();
        let items: T[] = [];
        let bytes = 0;
        let hasEnded = false;
        destination.add(() => {
          isFilling = false;
          if (hasEnded || items.length === 0) return;
          if (!hasWarned) warnOfIncompletePass(items.length);
          hasWarned = true;
          items = [];
        });
        return {
          holds: 'cache',
          carries: pass && { [PASS]: firstOf(pass) },
          next: (item) => {
            const kept = own(item);
            bytes += byteLengthOf(kept);
            if (bytes > maxBytes) {
              hasEnded = true;
              throw tooLarge(maxBytes, items.length);
            }
            items.push(kept);
            keepMemory(kept);
            destination.next(kept);
          },
          error: (error) => {
            hasEnded = true;
            destination.error(error);
          },
          // `repeat` subscribes again inside `complete`, so `cached$` is set first.
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

/** `cache` reads only epoch 0 of its source, even if the pipeline resumes in a later epoch. */
function firstOf({ ledger }: Pass): Pass {
  return { epoch: 0, ledger };
}

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

function tooLarge(maxBytes: number, count: number): ConfigError {
  return new ConfigError(
    `cache: the first ${count + 1} items need more than maxBytes (${maxBytes} bytes). If there is enough memory, ` +
      'increase maxBytes. Otherwise remove cache(), or move cache() to an earlier place in the pipeline, where ' +
      'the items are smaller.',
    { path: 'maxBytes' },
  );
}

function warnOfIncompletePass(count: number): void {
  warn(
    'MILLRACE_CACHE_INCOMPLETE',
    `cache: the subscriber unsubscribed after ${count} items, before the source ended, so cache stored nothing. ` +
      'The next epoch reads the source again. If take() follows cache(), put take() before cache(). If not, remove cache().',
  );
}
