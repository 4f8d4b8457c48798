import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../src/base/parseOptions.js';
import { withPass } from '../src/resume/pass.js';

/** Options of {@link shard}. */
export interface ShardOptions {
  /** How many shards there are, such as the hosts of a training job. */
  readonly count: number;
  /** Which of them this is, from 0. */
  readonly index: number;
}

/** The options of {@link shard}. */
export const shardSchema = z
  .strictObject({ count: z.int().positive(), index: z.int().nonnegative() })
  .refine(({ count, index }) => index < count, { path: ['index'], error: 'expected less than count' });

/**
 * Keeps every `count`-th item, from `index`: `tf.data`'s `shard`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, shard, shuffle } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   shard({ count: 2, index: 0 }), // the first of two hosts that are given the same data
 *   shuffle(10_000), // after it, so that the hosts do not share a record
 * );
 * ```
 *
 * The shards of one source, in the same order for each, have every item once. Each subscription counts anew. Order is
 * kept; nothing is held. What is not kept is read all the same: `S3DataDistributionType: ShardedByS3Key` saves that.
 *
 * Throws a ConfigError at the call for bad options.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#shard
 */
export function shard<T>(options: ShardOptions): MonoTypeOperatorFunction<T> {
  const { count, index } = parseOptions('shard', shardSchema, options, { form: 'shard({ count: 4, index: 0 })' });
  const keep = filter<T>((_item, position) => position % count === index);
  return (source) =>
    withPass((pass) => {
      pass?.ledger.stage('shard', { count, index });
      return source.pipe(keep);
    });
}
