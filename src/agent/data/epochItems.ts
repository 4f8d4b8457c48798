import { seededRandom } from '../../base/seededRandom.js';

/** What the order of an epoch depends on. */
export interface EpochOrder {
  /** Without one, every epoch has the order of the list. */
  readonly seed: number | undefined;
  readonly epoch: number;
  /** Which host takes a share of the list, and how many there are; `undefined` where every host takes all of it. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
}

/**
 * The items that one host gets in one epoch, in their order.
 *
 * Whoever asks with the same arguments gets the same, so the hosts need not speak to each other: together they have
 * every item once. The order is a function of seed, epoch and the length of the list, so channels of equal length and
 * equal seed stay in step.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ShuffleConfig.html
 */
export function epochItems<T>(items: readonly T[], { seed, epoch, shard }: EpochOrder): readonly T[] {
  const ordered = seed === undefined ? items : shuffled(items, randomOf(seed, epoch));
  return shard === undefined ? ordered : ordered.filter((_, index) => index % shard.count === shard.index);
}

/** A generator takes 32 bits, and a seed may have 53. */
function randomOf(seed: number, epoch: number): (bound: number) => number {
  const mixed = seededRandom(Math.floor(seed / 2 ** 32), seed)(2 ** 32);
  return seededRandom(mixed, epoch);
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: (bound: number) => number): T[] {
  const result = [...items];
  for (let end = result.length - 1; end > 0; end--) {
    const index = random(end + 1);
    [result[end], result[index]] = [result[index] as T, result[end] as T];
  }
  return result;
}
