import type { MemoryOrigin, OriginFinder } from '../../base/origins.js';

/** The place of a record: the number of its block in the window, the offset in the memory of the block, the length. */
export const PLACE_WORDS = 3;

/** Where a block comes from. */
export interface BlockOrigin {
  readonly path: string;
  /** The offset in the file minus the offset in the memory of the block. */
  readonly shift: number;
}

/** Records that were copied one after the other. */
export interface CopiedPart {
  readonly indices: Uint32Array;
  /** The places of all records of the window. */
  readonly places: Uint32Array;
  readonly origins: readonly BlockOrigin[];
}

/** The origins of the copies in one memory. They are computed when they are needed, because this is rare. */
export class CopiedOrigins implements OriginFinder {
  readonly #parts: CopiedPart[] = [];
  readonly #starts: number[] = [];

  /** Adds a part that begins at `byteOffset`, after the parts that were added before. */
  add(byteOffset: number, part: CopiedPart): void {
    this.#starts.push(byteOffset);
    this.#parts.push(part);
  }

  find(byteOffset: number): MemoryOrigin | undefined {
    const position = this.#starts.findLastIndex((start) => start <= byteOffset);
    const part = this.#parts[position];
    if (!part) return undefined;
    let start = this.#starts[position] as number;
    for (const index of part.indices) {
      const [block, offset, length] = part.places.subarray(PLACE_WORDS * index) as unknown as [number, number, number];
      const end = start + length;
      if (byteOffset < end) {
        const { path, shift } = part.origins[block] as BlockOrigin;
        return { path, shift: offset + shift - start, start, end };
      }
      start = end;
    }
    return undefined;
  }
}
