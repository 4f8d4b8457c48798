import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { slidingWindows } from './shared/slidingWindows.js';
import { requireOptions, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { batchFound, makerOfTable } from '../src/arrays/batches.js';
import { stackFor, type Batched } from '../src/arrays/stack.js';

/** Options of {@link window}. */
export interface WindowOptions {
  /** The number of items between the starts of two windows. Default: the size, so that windows do not overlap. */
  readonly shift?: number | undefined;
  /** The number of items between two items of a window. Default: 1. */
  readonly stride?: number | undefined;
  /** If true, drops incomplete windows at the end. Default: false. */
  readonly dropRemainder?: boolean | undefined;
}

export const windowSchema = z.strictObject({
  size: positiveInteger.describe('The number of items in a window.'),
  shift: positiveInteger
    .optional()
    .describe('The number of items between the starts of two windows. Default: the size.'),
  stride: positiveInteger.optional().describe('The number of items between two items of a window. Default: 1.'),
  dropRemainder: z.boolean().optional().describe('If true, drops incomplete windows at the end. Default: false.'),
});

const STACKER = {
  caller: 'window',
  remedy:
    'If the items are tables or batches, add unbatch() before window(). Otherwise, make the shapes equal in a map().',
};

/**
 * Combines items to windows that can overlap, like `tf.data`'s `window`. Window i has the items `i * shift + k *
 * stride` for each k from 0 to `size - 1`.
 *
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { window } from 'millrace/operators';
 *
 * const windows$ = fromIterable([0, 1, 2, 3, 4]).pipe(window(3, { shift: 1, dropRemainder: true }));
 * // [0, 1, 2], [1, 2, 3], [2, 3, 4]
 * ```
 *
 * Stacks or collects the items of a window like `batch`. When the source completes, emits an incomplete window for each
 * remaining start, as `tf.data` does. When the source fails, drops them. Memory: `(size - 1) * stride + 1` items, and
 * one window.
 *
 * Fails with the errors of `batch`, or with a ValueError for a table of `decodeTable` or `fromParquet`: add `unbatch()`
 * before `window`. RxJS's `window` is another operator: rename one if you import both.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#window
 */
export function window<T>(size: number, options: WindowOptions = {}): OperatorFunction<T, Batched<T>> {
  requireOptions('window', options, '{ shift: 1 }');
  const checked = parseOptions('window', windowSchema, { ...options, size });
  const { size: length, shift = length, stride = 1, dropRemainder = false } = checked;
  const shape = { length, shift, span: (length - 1) * stride + 1, positionOf: (k: number) => k * stride };
  return (source) =>
    slidingWindows<T, T, Batched<T>>(source, {
      ...{ name: 'window', facts: { size: length, shift, stride, dropRemainder }, shape, dropRemainder },
      prepare: requireNoTable,
      make: (items) => stackFor(STACKER, items),
    });
}

/** Windows of whole batches are valid, as in `tf.data`, but windows of whole tables are never wanted. */
function requireNoTable<T>(item: T): T {
  const maker = makerOfTable(item);
  if (maker !== undefined) throw batchFound('window', maker);
  return item;
}
