import type { MemoryOrigin, OriginFinder } from '../../base/origins.js';

/**
 * The number of integers for each record: offset in the bucket, length, index of the block, offset in the block's
 * memory.
 */
export const PLACE_WORDS = 4;

/** Stored as the index of the block if the record is not a view on the memory of its block. */
export const UNKNOWN_BLOCK = 0xffff_ffff;

/** The file of a block, and its position in this file. */
export interface BlockOrigin {
  readonly path: string;
  /** The offset in the file minus the offset in the memory of the block. */
  readonly shift: number;
}

/**
 * Finds the file and the byte offset of a record in a bucket. Searches on demand, because origins are rarely needed.
 */
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
