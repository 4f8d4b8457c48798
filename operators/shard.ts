import { filter, type MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { withPass } from '../src/resume/pass.js';

/** Options of {@link shard}. */
export interface ShardOptions {
  /** The number of shards, for example the number of hosts. */
  readonly count: number;
  /** The index of this shard, from 0. */
  readonly index: number;
}

export const shardSchema = lazy(() =>
  z
    .strictObject({
      count: z.int().positive().describe('The number of shards.'),
      index: z.int().nonnegative().describe('The index of the shard to keep. The first shard has index 0.'),
    })
    .refine(({ count, index }) => index < count, { path: ['index'], error: 'expected an index less than count' }),
);

/**
 * Emits every `count`-th item, starting with the item at `index`, like `tf.data`'s `shard`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, shard, shuffle } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   shard({ count: 2, index: 0 }), // the first of two hosts that receive the same data
 *   shuffle(10_000), // after shard, so that no two hosts have the same record
 * );
 * ```
 *
 * If the source has the same order on all hosts, the shards together contain every item once. Each host reads all
 * items, and drops the items of other shards. To transfer only one shard to each host, use `S3DataDistributionType:
 * ShardedByS3Key`.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#shard
 */
export function shard<T>(options: ShardOptions): MonoTypeOperatorFunction<T> {
  const { count, index } = parseOptions('shard', shardSchema(), options, { form: 'shard({ count: 4, index: 0 })' });
  const keep = filter<T>((_item, position) => position % count === index);
  return (source) =>
    withPass((pass) => {
      pass?.ledger.stage('shard', { count, index });
      return source.pipe(keep);
    });
}
