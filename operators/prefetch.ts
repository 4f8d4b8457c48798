import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { overrunPolicy } from '../src/base/optionFields.js';
import { boundary } from '../src/demand/boundary.js';
import { byteLengthOf } from '../src/base/byteLengthOf.js';
import type { OverrunPolicy } from '../src/demand/overrun.js';
import { callback, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { Queue } from '../src/base/queue.js';

/** The limits of {@link prefetch}. At least one of `items` and `bytes` is required. */
export interface PrefetchOptions<T> {
  readonly items?: number | undefined;
  readonly bytes?: number | undefined;
  /** Returns the size of an item in bytes. Default: the total size of its typed arrays and strings. */
  readonly sizeOf?: ((item: T) => number) | undefined;
  /** The reaction to unrequested items. Default: `warn`, once for each subscription. */
  readonly overrun?: OverrunPolicy | undefined;
}

export const prefetchSchema = lazy(() =>
  z
    .strictObject({
      items: positiveInteger()
        .optional()
        .describe('The maximum number of items that prefetch stores. Default: no limit if "bytes" is set.'),
      bytes: positiveInteger()
        .optional()
        .describe('The maximum total size of the items that prefetch stores, in bytes. Default: no limit.'),
      overrun: overrunPolicy()
        .optional()
        .describe('The reaction to items that arrive without a request: "warn" or "error". Default: "warn".'),
    })
    .refine(
      ({ items, bytes }) => items !== undefined || bytes !== undefined,
      'expected at least one of the options "items" and "bytes"',
    ),
);

const optionsSchema = lazy(() =>
  prefetchSchema().safeExtend({
    sizeOf: callback<(item: never) => number>().optional(),
  }),
);

/**
 * Buffers items ahead of the consumer, like `tf.data`'s `prefetch`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeTFRecord, prefetch } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(decodeTFRecord(), batch(64), prefetch({ items: 10, bytes: 256 * 2 ** 20 }));
 * ```
 *
 * While a training step blocks the thread, `prefetch` reads no items. Memory: up to `items` items. The buffer can
 * exceed `bytes` by one item, so that an item larger than `bytes` does not block the pipeline.
 *
 * @param limit - the options, or a number for `items`.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#prefetch
 */
export function prefetch<T>(limit: number | PrefetchOptions<T>): MonoTypeOperatorFunction<T> {
  const options = typeof limit === 'number' ? { items: limit } : limit;
  parseOptions('prefetch', optionsSchema(), options, { form: 'prefetch(4) or prefetch({ bytes: 1e8 })' });
  const { items: maxItems = Infinity, bytes: maxBytes = Infinity, sizeOf = byteLengthOf, overrun } = options;
  const isWeighed = maxBytes !== Infinity;
  const name = `prefetch(${nameOf(options)})`;
  return (source) =>
    boundary<T, T>(source, { name, capacity: options.items, overrun }, ({ destination }) => {
      const queue = new Queue<{ readonly item: T; readonly bytes: number }>();
      let bytes = 0;
      return {
        receive: (item) => {
          const weight = isWeighed ? sizeOf(item) : 0;
          bytes += weight;
          queue.push({ item, bytes: weight });
        },
        hasRoom: () => queue.length < maxItems && bytes < maxBytes,
        emit: () => {
          const first = queue.shift();
          if (!first) return false;
          bytes -= first.bytes;
          destination.next(first.item);
          return true;
        },
        isEmpty: () => queue.length === 0,
        held: () => queue.length,
        clear: () => {
          queue.clear();
        },
      };
    });
}

function nameOf({ items, bytes }: PrefetchOptions<never>): string {
  if (bytes === undefined) return String(items);
  return items === undefined ? `{ bytes: ${bytes} }` : `{ items: ${items}, bytes: ${bytes} }`;
}
