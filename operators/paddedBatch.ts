import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { createPadder, paddingFields, type PaddingOptions } from '../src/arrays/createPadder.js';
import { gather } from './shared/gather.js';
import { requireOptions, parseOptions } from '../src/base/parseOptions.js';
import type { Batched } from '../src/arrays/stack.js';

/** Options of {@link paddedBatch}. */
export interface PaddedBatchOptions extends PaddingOptions {
  /** Whether a last batch of fewer items is dropped. Default: false. */
  readonly dropRemainder?: boolean | undefined;
}

/** The arguments of {@link paddedBatch}, by name. */
export const paddedBatchSchema = z.strictObject({
  size: z.int().positive(),
  dropRemainder: z.boolean().default(false),
  ...paddingFields,
});

/**
 * Puts consecutive items of unequal shape together, padded to one: `tf.data`'s `padded_batch`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature, raggedFeature } from 'millrace/formats';
 * import { decodeTFRecord, paddedBatch, parseSingleExample } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   parseSingleExample({ tokens: raggedFeature('int64'), label: fixedLenFeature([], 'int64') }),
 *   paddedBatch(32, { paddedShapes: { tokens: [null] }, paddingValues: { tokens: -1 } }),
 * ); // { tokens: NDArray<'int64'> of shape [32, the longest], label: NDArray<'int64'> of shape [32] }
 * ```
 *
 * Every NDArray, also inside objects and tuples, is padded at its end, in each dimension to the length that
 * `paddedShapes` gives, or to the longest of the batch (`null`, and what is not named); then all is stacked as `batch`
 * does, into fresh memory. Order is kept. The last batch may be smaller. Memory: the items of one batch.
 *
 * Throws a ConfigError at the call for bad arguments. Notifies a ShapeError where ranks differ or an array is longer
 * than its given shape, and a ValueError where the options name a part that items do not have or the dtype cannot hold
 * its padding value; both name the path. Unsubscribing drops what was gathered.
 *
 * @param size - items a batch.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#padded_batch
 */
export function paddedBatch<T>(size: number, options: PaddedBatchOptions = {}): OperatorFunction<T, Batched<T>> {
  requireOptions('paddedBatch', options, '{ dropRemainder: true }');
  const { dropRemainder } = parseOptions('paddedBatch', paddedBatchSchema, { size, ...options });
  const pad = createPadder(options);
  return (source) =>
    gather<T, Batched<T>>(source, { name: 'paddedBatch', size, dropRemainder, make: (items) => pad(items) });
}
