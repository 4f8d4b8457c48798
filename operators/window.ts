import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { slidingWindows } from './shared/slidingWindows.js';
import { requireOptions, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { batchFound, makerOfTable } from '../src/arrays/batches.js';
import { stackFor, type Batched } from '../src/arrays/stack.js';

/** Options of {@link window}. */
export interface WindowOptions {
  /** The distance in items from the start of a window to the start of the next. Default: the size. */
  readonly shift?: number | undefined;
  /** The distance in items from one item of a window to the next. Default: 1. */
  readonly stride?: number | undefined;
  /** If true, drops incomplete windows at the end. Default: false. */
  readonly dropRemainder?: boolean | undefined;
}

export const windowSchema = lazy(() =>
  z.strictObject({
    size: positiveInteger().describe('The number of items in a window.'),
    shift: positiveInteger()
      .optional()
      .describe('The distance in items from the start of a window to the start of the next. Default: the size.'),
    stride: positiveInteger()
      .optional()
      .describe('The distance in items from one item of a window to the next. Default: 1.'),
    dropRemainder: z.boolean().optional().describe('If true, drops incomplete windows at the end. Default: false.'),
  }),
);

const STACKER = {
  caller: 'window',
  remedy:
    'If the items are tables or batches, add unbatch() before window(). Otherwise, make the shapes equal in a map().',
};

/**
 * Combines items to windows that can overlap, like `tf.data`'s `window`. Window i contains the items with index
 * `i * shift + k * stride` for each k from 0 to `size - 1`.
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
 * remaining start, like `tf.data`. When the source fails, drops incomplete windows. Memory: `(size - 1) * stride + 1`
 * items, and one window.
 *
 * Fails with the errors of `batch`, or with a ValueError for a table of `decodeTable` or `fromParquet`: add `unbatch()`
 * before `window`. RxJS's `window` is another operator: rename one if you import both.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#window
 */
export function window<T>(size: number, options: WindowOptions = {}): OperatorFunction<T, Batched<T>> {
  requireOptions('window', options, '{ shift: 1 }');
  const checked = parseOptions('window', windowSchema(), { ...options, size });
  const { size: length, shift = length, stride = 1, dropRemainder = false } = checked;
  const shape = { length, shift, span: (length - 1) * stride + 1, positionOf: (k: number) => k * stride };
  return (source) =>
    slidingWindows<T, T, Batched<T>>(source, {
      ...{ name: 'window', facts: { size: length, shift, stride, dropRemainder }, shape, dropRemainder },
      prepare: requireNoTable,
      make: (items) => stackFor(STACKER, items),
    });
}

/** Windows of whole batches are valid, as in `tf.data`, but a window of whole tables is a mistake. */
function requireNoTable<T>(item: T): T {
  const maker = makerOfTable(item);
  if (maker !== undefined) throw batchFound('window', maker);
  return item;
}
