import type { MemoryOrigin, OriginFinder } from '../../base/origins.js';

/** The place of a record: its offset in the bucket, its length, the number of its block, its offset in the block. */
export const PLACE_WORDS = 4;

/** The block of a record that is not a range of the memory of its block. */
export const UNKNOWN_BLOCK = 0xffff_ffff;

/** Where a block comes from. */
export interface BlockOrigin {
  readonly path: string;
  /** The offset in the file minus the offset in the memory of the block. */
  readonly shift: number;
}

/** The origins of the records of a bucket. They are computed when they are needed, because this is rare. */
export class CopiedOrigins implements OriginFinder {
  readonly #places: Uint32Array;
  readonly #blocks: readonly BlockOrigin[];

  constructor(places: Uint32Array, blocks: readonly BlockOrigin[]) {
    this.#places = places;
    this.#blocks = blocks;
  }

  find(byteOffset: number): MemoryOrigin | undefined {
    const places = this.#places;
    for (let at = 0; at < places.length; at += PLACE_WORDS) {
      const [start, length, block, offset] = places.subarray(at) as unknown as [number, number, number, number];
      const end = start + length;
      if (byteOffset >= start && byteOffset < end) {
        const origin = this.#blocks[block];
        return origin && { path: origin.path, shift: origin.shift + offset - start, start, end };
      }
    }
    return undefined;
  }
}
