import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { markBatch } from '../src/arrays/batches.js';
import { createPadder, paddingFields, type PaddingOptions } from '../src/arrays/createPadder.js';
import { gather } from './shared/gather.js';
import { requireOptions, parseOptions } from '../src/base/parseOptions.js';
import type { Batched } from '../src/arrays/stack.js';

/** Options of {@link paddedBatch}. */
export interface PaddedBatchOptions extends PaddingOptions {
  /** If true, drops an incomplete last batch. Default: false. */
  readonly dropRemainder?: boolean | undefined;
}

export const paddedBatchSchema = lazy(() =>
  z.strictObject({
    size: z.int().positive().describe('The number of items in a batch.'),
    dropRemainder: z.boolean().default(false).describe('If true, drops an incomplete last batch. Default: false.'),
    ...paddingFields(),
  }),
);

/**
 * Batches consecutive items of different shapes with padding, like `tf.data`'s `padded_batch`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { raggedFeature } from 'millrace/formats';
 * import { decodeTFRecord, paddedBatch, parseSingleExample } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   parseSingleExample({ tokens: raggedFeature('int64') }),
 *   paddedBatch(32, { paddedShapes: { tokens: [null] }, paddingValues: { tokens: -1 } }),
 * ); // { tokens: NDArray<'int64'> of shape [32, the longest] }
 * ```
 *
 * Pads NDArrays (also inside objects and tuples) at the end of each dimension to the length in `paddedShapes`. If this
 * length is `null` or missing, pads to the greatest length in the batch. Stacks the arrays in new memory, like `batch`.
 * Memory: one batch.
 *
 * Fails with a ShapeError if ranks differ, or if an array is longer than its padded shape. Fails with a ValueError if
 * an option names a missing NDArray, or if a dtype cannot represent the padding value.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#padded_batch
 */
export function paddedBatch<T>(size: number, options: PaddedBatchOptions = {}): OperatorFunction<T, Batched<T>> {
  requireOptions('paddedBatch', options, '{ dropRemainder: true }');
  const { dropRemainder } = parseOptions('paddedBatch', paddedBatchSchema(), { ...options, size });
  const pad = createPadder('paddedBatch', options);
  return (source) =>
    gather<T, Batched<T>>(source, {
      name: 'paddedBatch',
      size,
      dropRemainder,
      make: (items) => markBatch('paddedBatch', pad(items)),
    });
}
