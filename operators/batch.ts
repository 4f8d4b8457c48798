import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { gather } from './shared/gather.js';
import { requireOptions, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { stack, type Batched } from '../src/arrays/stack.js';

/** Options of {@link batch}. */
export interface BatchOptions {
  /** Whether a last batch of fewer items is dropped. Default: false. */
  readonly dropRemainder?: boolean | undefined;
}

/** The arguments of {@link batch}, by name. */
export const batchSchema = z.strictObject({ size: positiveInteger, dropRemainder: z.boolean().optional() });

/**
 * Puts consecutive items together: `tf.data`'s `batch`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature } from 'millrace/formats';
 * import { batch, decodeTFRecord, parseExample } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   batch(64), // Uint8Array[] of 64 records
 *   parseExample({ label: fixedLenFeature([], 'int64') }), // { label: NDArray<'int64'> } of shape [64]
 * );
 * ```
 *
 * NDArrays, also inside objects and tuples, are stacked on a new first axis into fresh memory; what stands beside them,
 * and items without any NDArray (records, strings, numbers), become arrays. Order is kept. The last batch may be
 * smaller. Memory: the items of one batch.
 *
 * Throws a ConfigError at the call for a bad size. Notifies a ShapeError where shapes within a batch differ, and a
 * ValueError where dtypes or structures do or a sparse value is met; both name the path. Unsubscribing drops what was
 * gathered.
 *
 * @param size - items a batch.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#batch
 */
export function batch<T>(size: number, options: BatchOptions = {}): OperatorFunction<T, Batched<T>> {
  requireOptions('batch', options, '{ dropRemainder: true }');
  const { dropRemainder = false } = parseOptions('batch', batchSchema, { size, ...options });
  return (source) => gather<T, Batched<T>>(source, { name: 'batch', size, dropRemainder, make: stack });
}
