import { seededRandom } from '../../base/seededRandom.js';
import type { ChannelData } from '../findChannels.js';
import type { HostPlace } from '../job/jobConfig.js';
import type { ChannelItem } from './listItems.js';

export function itemsOfHost(
  { channel, items }: ChannelData,
  { name, hosts }: HostPlace,
  epoch: number,
): readonly ChannelItem[] {
  const isSharded = channel.DataSource.S3DataSource.S3DataDistributionType === 'ShardedByS3Key';
  const shard = isSharded ? { index: hosts.indexOf(name), count: hosts.length } : undefined;
  return epochItems(items, { seed: channel.ShuffleConfig?.Seed, epoch, shard });
}

export interface EpochOrder {
  /** `undefined` if every epoch has the order of the list. */
  readonly seed: number | undefined;
  readonly epoch: number;
  /** `undefined` if every host receives the whole list. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
}

/**
 * Returns a host's items of an epoch, in order. The order depends only on the seed, the epoch and the length of the
 * list. So each item is in exactly one shard, and channels of equal length and seed have the same order.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ShuffleConfig.html
 */
export function epochItems<T>(items: readonly T[], { seed, epoch, shard }: EpochOrder): readonly T[] {
  const ordered = seed === undefined ? items : shuffled(items, randomOf(seed, epoch));
  return shard === undefined ? ordered : ordered.filter((_, index) => index % shard.count === shard.index);
}

/** A seed may have 53 bits, but the generator accepts 32, so both halves are mixed. */
function randomOf(seed: number, epoch: number): (bound: number) => number {
  const mixed = seededRandom(Math.floor(seed / 2 ** 32), seed)(2 ** 32);
  return seededRandom(mixed, epoch);
}

function shuffled<T>(items: readonly T[], random: (bound: number) => number): T[] {
  const result = [...items];
  for (let end = result.length - 1; end > 0; end--) {
    const index = random(end + 1);
    [result[end], result[index]] = [result[index] as T, result[end] as T];
  }
  return result;
}
