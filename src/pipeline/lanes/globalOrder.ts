import { sumOf } from '../../base/sumOf.js';
import { mix, seededRandom } from '../../base/seededRandom.js';

/*
 * The order of an epoch, a function of the seed, the epoch, and the sizes of the blocks:
 *
 *   1. All blocks are permuted. This is a sequence of all records.
 *   2. The sequence is cut into lanes of equal length. A block at a cut belongs to two lanes.
 *   3. Each lane is cut into windows of at most `windowBlocks` blocks. The records of a window are permuted: each goes
 *      to a random bucket, and then the records of each bucket are permuted. All permutations are equally probable
 *      (Rao and Sandelius).
 *   4. The global sequence takes one record of each lane in turn. Step k is its k-th part of `globalBatchSize` records.
 */

/**
 * The open buckets of all lanes must fit into the cache of a core. The order depends on this value: never change it.
 */
const OPEN_BYTES = 1024 * 1024;
const MIN_BUCKET_BYTES = 128 * 1024;

const MAX_BUCKETS = 65_536;

export interface BlockSize {
  /** The number of records, at least 1. */
  readonly records: number;
  readonly bytes: number;
}

/** The records of a block that belong to a window. */
export interface WindowPart {
  readonly block: number;
  /** The records `from` to `to` (exclusive) of the block. */
  readonly from: number;
  readonly to: number;
}

export interface LaneWindow {
  readonly parts: readonly WindowPart[];
  readonly records: number;
  readonly buckets: number;
  /** Returns random integers below `bound`, for the permutation of this window's records. */
  readonly random: (bound: number) => number;
}

export interface OrderOptions {
  readonly seed: number;
  readonly epoch: number;
  readonly lanes: number;
  readonly windowBlocks: number;
}

/** A position in the sequence of blocks. */
interface Cut {
  /** The index of the block in the permuted order. */
  readonly at: number;
  /** The number of records of the block before the cut. */
  readonly skip: number;
}

const GOLDEN_RATIO = 0.618_033_988_749_894_8;

export class GlobalOrder {
  readonly #options: OrderOptions;
  readonly #sizes: readonly BlockSize[];
  readonly #blocks: Uint32Array;
  /** The starts of the lanes, and the end of the last lane. */
  readonly #cuts: readonly Cut[];

  constructor(sizes: readonly BlockSize[], options: OrderOptions) {
    this.#options = options;
    this.#sizes = sizes;
    this.#blocks = permuted(sizes.length, seededRandom(options.seed, options.epoch));
    this.#cuts = this.#cutLanes();
  }

  /** Returns the windows of a lane, from its first record to its last. */
  *windowsOf(lane: number): Generator<LaneWindow> {
    const { windowBlocks, seed, epoch, lanes } = this.#options;
    const bucketBytes = Math.max(MIN_BUCKET_BYTES, OPEN_BYTES / lanes);
    const windowSeed = mix(mix(seed) ^ epoch) >>> 0;
    let { at, skip } = this.#cuts[lane] as Cut;
    const end = this.#cuts[lane + 1] as Cut;
    const last = end.skip > 0 ? end.at + 1 : end.at;
    let blocks = firstWindow(lane, windowBlocks);
    while (at < last) {
      const random = seededRandom(windowSeed, mix(lane) ^ at);
      const parts: WindowPart[] = [];
      let records = 0;
      let bytes = 0;
      for (const until = at + Math.min(blocks, nextWindow(last - at, windowBlocks)); at < until; at++) {
        const size = this.#sizeAt(at);
        const to = at === end.at ? end.skip : size.records;
        parts.push({ block: this.#blocks[at] as number, from: skip, to });
        records += to - skip;
        bytes += (size.bytes * (to - skip)) / size.records;
        skip = 0;
      }
      const buckets = Math.min(MAX_BUCKETS, Math.ceil(bytes / bucketBytes));
      yield { parts, records, buckets, random };
      blocks = windowBlocks;
    }
  }

  #sizeAt(at: number): BlockSize {
    return this.#sizes[this.#blocks[at] as number] as BlockSize;
  }

  #cutLanes(): Cut[] {
    const { lanes } = this.#options;
    const total = sumOf(this.#sizes.map(({ records }) => records));
    const cuts: Cut[] = [];
    /** The position of the current block, the number of records before this block, and the first record of the lane. */
    let [at, before, start] = [0, 0, 0];
    for (let lane = 0; lane <= lanes; lane++) {
      while (at < this.#blocks.length && before + this.#sizeAt(at).records <= start) {
        before += this.#sizeAt(at).records;
        at++;
      }
      cuts.push({ at, skip: start - before });
      start += recordsOfLane(lane, lanes, total);
    }
    return cuts;
  }
}

/** Returns the number of the lane's records among the first `records` records of the global sequence. */
export function recordsOfLane(lane: number, lanes: number, records: number): number {
  return Math.floor((records + lanes - 1 - lane) / lanes);
}

/**
 * The first windows have different sizes, so that the lanes do not load their next windows at the same time. Multiples
 * of the golden ratio modulo 1 are spread evenly over any range of lanes.
 */
function firstWindow(lane: number, windowBlocks: number): number {
  return windowBlocks - Math.floor(windowBlocks * ((lane * GOLDEN_RATIO) % 1));
}

/**
 * Returns the number of blocks of the next window. Divides the last blocks into two equal windows, because a short
 * window shuffles few records.
 */
function nextWindow(blocks: number, windowBlocks: number): number {
  const isDivided = blocks > windowBlocks && blocks < 2 * windowBlocks;
  return isDivided ? Math.ceil(blocks / 2) : Math.min(blocks, windowBlocks);
}

function permuted(length: number, random: (bound: number) => number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let end = length - 1; end > 0; end--) {
    const chosen = random(end + 1);
    const moved = order[end] as number;
    order[end] = order[chosen] as number;
    order[chosen] = moved;
  }
  return order;
}
