import { seededRandom } from '../../src/base/seededRandom.js';
import { HEADER_BYTES } from './soakRecord.js';

export const CHANNELS = ['left', 'right'] as const;

/** The records of an epoch, equal in both channels. Depends only on the seed and the epoch. */
export interface EpochPlan {
  readonly count: number;
  readonly sizes: readonly [number, number];
}

const KIB = 1024;

const STREAMS_PER_EPOCH = 4;

/**
 * Most epochs mix small and large records. Some epochs have many small records, few large records, or almost no
 * records.
 */
export function epochPlan(seed: number, epoch: number): EpochPlan {
  const random = seededRandom(seed, epoch * STREAMS_PER_EPOCH);
  const kind = random(10);
  if (kind === 0) return { count: random(4), sizes: [HEADER_BYTES, 64 * KIB] };
  if (kind <= 2) return { count: 5_000 + random(15_000), sizes: [HEADER_BYTES, 256] };
  if (kind <= 7) return { count: 1_000 + random(2_000), sizes: [HEADER_BYTES, 256 * KIB] };
  return { count: 100 + random(200), sizes: [128 * KIB, 640 * KIB] };
}

export function contentRandom(seed: number, epoch: number, channel: number): (bound: number) => number {
  return seededRandom(seed, epoch * STREAMS_PER_EPOCH + 1 + channel);
}

const RESOLUTION = 2 ** 30;

/** All orders of magnitude are equally likely. */
export function drawSize([smallest, largest]: EpochPlan['sizes'], random: (bound: number) => number): number {
  return Math.floor(smallest * (largest / smallest) ** (random(RESOLUTION) / RESOLUTION));
}
