import { seededRandom } from '../../src/base/seededRandom.js';
import { HEADER_BYTES } from './soakRecord.js';

/** The two channels, in the order of their numbers; each has a record format of its own. */
export const CHANNELS = ['left', 'right'] as const;

/** What one epoch holds, on either channel; a function of the seed and the epoch. */
export interface EpochPlan {
  /** Records on each of the channels. */
  readonly count: number;
  /** The smallest and the largest record, in bytes. */
  readonly sizes: readonly [number, number];
}

const KIB = 1024;

/** The streams of random numbers, apart for each use and epoch. */
const STREAMS_PER_EPOCH = 4;

/** How many records of which size: mostly a mixture, else many small ones, a few large ones, or next to nothing. */
export function epochPlan(seed: number, epoch: number): EpochPlan {
  const random = seededRandom(seed, epoch * STREAMS_PER_EPOCH);
  const kind = random(10);
  if (kind === 0) return { count: random(4), sizes: [HEADER_BYTES, 64 * KIB] };
  if (kind <= 2) return { count: 5_000 + random(15_000), sizes: [HEADER_BYTES, 256] };
  if (kind <= 7) return { count: 1_000 + random(2_000), sizes: [HEADER_BYTES, 256 * KIB] };
  return { count: 100 + random(200), sizes: [128 * KIB, 640 * KIB] };
}

/** Random numbers for what a channel's records of one epoch are made of. */
export function contentRandom(seed: number, epoch: number, channel: number): (bound: number) => number {
  return seededRandom(seed, epoch * STREAMS_PER_EPOCH + 1 + channel);
}

const RESOLUTION = 2 ** 30;

/** A size between the two, every order of magnitude being as likely. */
export function drawSize([smallest, largest]: EpochPlan['sizes'], random: (bound: number) => number): number {
  return Math.floor(smallest * (largest / smallest) ** (random(RESOLUTION) / RESOLUTION));
}
