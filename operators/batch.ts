import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { gather } from './shared/gather.js';
import { requireOptions, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { markBatch } from '../src/arrays/batches.js';
import { stackFor, type Batched } from '../src/arrays/stack.js';

/** Options of {@link batch}. */
export interface BatchOptions {
  /** If true, drops an incomplete last batch. Default: false. */
  readonly dropRemainder?: boolean | undefined;
}

export const batchSchema = lazy(() =>
  z.strictObject({
    size: positiveInteger().describe('The number of items in a batch.'),
    dropRemainder: z.boolean().optional().describe('If true, drops an incomplete last batch. Default: false.'),
  }),
);

const STACKER = {
  caller: 'batch',
  remedy: 'Make the shapes equal in a map() before batch(), or use paddedBatch() instead of batch().',
};

/**
 * Batches consecutive items, like `tf.data`'s `batch`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeTFRecord } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(decodeTFRecord(), batch(64)); // Uint8Array[] of 64 records
 * ```
 *
 * Stacks NDArrays (also inside objects and tuples) along a new first axis, in new memory. Other values become a plain
 * array. Memory: one batch.
 *
 * Fails with a ShapeError if shapes differ, and with a ValueError if dtypes or structures differ or a value is sparse.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#batch
 */
export function batch<T>(size: number, options: BatchOptions = {}): OperatorFunction<T, Batched<T>> {
  requireOptions('batch', options, '{ dropRemainder: true }');
  const { dropRemainder = false } = parseOptions('batch', batchSchema(), { ...options, size });
  return (source) =>
    gather<T, Batched<T>>(source, {
      name: 'batch',
      size,
      dropRemainder,
      make: (items) => markBatch('batch', stackFor(STACKER, items)),
    });
}
