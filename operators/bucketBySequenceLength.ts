import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { groups } from './shared/groups.js';
import { markBatch } from '../src/arrays/batches.js';
import { createPadder, paddingFields, type PaddingOptions } from '../src/arrays/createPadder.js';
import { ValueError } from '../src/base/errors.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';
import { stackFor, type Batched } from '../src/arrays/stack.js';

/** Options of {@link bucketBySequenceLength}. */
export interface BucketBySequenceLengthOptions<T> extends PaddingOptions {
  /** Returns the length of an item, at least 0. */
  readonly elementLength: (item: T) => number;
  /**
   * The limits between the buckets, in ascending order. A bucket contains items with `boundary <= length < next
   * boundary`.
   */
  readonly bucketBoundaries: readonly number[];
  /** The batch size of each bucket. n boundaries make n + 1 buckets. */
  readonly bucketBatchSizes: readonly number[];
  /**
   * If true, pads batches to the maximum length of their bucket (the upper boundary minus one), and all items must be
   * shorter than the last boundary. `paddedShapes` has priority. If false, pads to the longest item of the batch.
   * Default: false.
   */
  readonly padToBucketBoundary?: boolean | undefined;
  /** If true, items are not padded, so all shapes in a batch must be equal. Default: false. */
  readonly noPadding?: boolean | undefined;
  /** If true, drops incomplete last batches. Default: false. */
  readonly dropRemainder?: boolean | undefined;
}

const optionsSchema = lazy(() =>
  z
    .strictObject({
      elementLength: callback<(item: never) => number>(),
      bucketBoundaries: z
        .array(z.int().positive())
        .min(1)
        .refine((bounds) => bounds.every((bound, i) => bound > (bounds[i - 1] ?? 0)), 'expected ascending numbers'),
      bucketBatchSizes: z.array(z.int().positive()),
      padToBucketBoundary: z.boolean().default(false),
      noPadding: z.boolean().default(false),
      dropRemainder: z.boolean().default(false),
      ...paddingFields(),
    })
    .refine(({ bucketBoundaries, bucketBatchSizes }) => bucketBatchSizes.length === bucketBoundaries.length + 1, {
      path: ['bucketBatchSizes'],
      error: 'expected n + 1 batch sizes for n bucketBoundaries',
    })
    .refine(
      ({ noPadding, padToBucketBoundary, paddedShapes, paddingValues }) =>
        !noPadding || (!padToBucketBoundary && paddedShapes === undefined && paddingValues === undefined),
      {
        path: ['noPadding'],
        error:
          'has no effect with padToBucketBoundary, paddedShapes or paddingValues: remove noPadding or these options',
      },
    ),
);

const NAME = 'bucketBySequenceLength';
const UNPADDED = { caller: NAME, remedy: `Make the shapes equal in a map() before ${NAME}(), or remove noPadding.` };

/**
 * Batches items of similar length to reduce padding, like `tf.data`'s `bucket_by_sequence_length`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { raggedFeature } from 'millrace/formats';
 * import { bucketBySequenceLength, decodeTFRecord, parseSingleExample } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   parseSingleExample({ tokens: raggedFeature('int64') }),
 *   bucketBySequenceLength({
 *     elementLength: ({ tokens }) => tokens.data.length,
 *     bucketBoundaries: [16, 64], // below 16, from 16 to 63, from 64
 *     bucketBatchSizes: [128, 32, 8],
 *   }),
 * ); // { tokens: NDArray<'int64'> of shape [128, at most 15] }, …
 * ```
 *
 * Pads and stacks like `paddedBatch`. When the source completes, emits the incomplete batches in ascending order of
 * length. When the source fails, drops the incomplete batches. Memory: one incomplete batch for each bucket, and one
 * full batch.
 *
 * Fails with the errors of `paddedBatch`, or with a ValueError if a length is invalid.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#bucket_by_sequence_length
 */
export function bucketBySequenceLength<T>(options: BucketBySequenceLengthOptions<T>): OperatorFunction<T, Batched<T>> {
  const checked = parseOptions(NAME, optionsSchema(), options, {
    form: 'bucketBySequenceLength({ elementLength, bucketBoundaries: [10], bucketBatchSizes: [8, 4] })',
  });
  const { bucketBoundaries, bucketBatchSizes, padToBucketBoundary, noPadding, dropRemainder } = checked;
  const pad = createPadder(NAME, options);

  const bucketOf = (item: T): number => {
    const length = options.elementLength(item);
    if (!(length >= 0)) throw badLength(length, 'a number of at least 0');
    const above = bucketBoundaries.findIndex((bound) => length < bound);
    if (above >= 0) return above;
    if (padToBucketBoundary)
      throw badLength(
        length,
        `a length less than the last boundary (${bucketBoundaries.at(-1)}), because padToBucketBoundary is true`,
      );
    return bucketBoundaries.length;
  };

  const makeBatch = (items: T[], bucket: number): Batched<T> => {
    if (noPadding) return stackFor(UNPADDED, items);
    const boundary = padToBucketBoundary ? bucketBoundaries[bucket] : undefined;
    return pad(items, boundary === undefined ? undefined : boundary - 1);
  };

  return (source) =>
    groups<T, number, Batched<T>>(source, {
      name: NAME,
      facts: { bucketBoundaries, bucketBatchSizes, dropRemainder },
      keyOf: bucketOf,
      sizeOf: (bucket) => bucketBatchSizes[bucket] as number,
      dropRemainder,
      make: (items, bucket) => markBatch(NAME, makeBatch(items, bucket)),
    });
}

function badLength(found: number, expected: string): ValueError {
  return new ValueError(`${NAME}: elementLength: expected ${expected}, found ${found}.`, { path: '' });
}
