import { PLACE_WORDS, type BlockOrigin } from './copiedOrigins.js';
import type { LaneWindow } from './globalOrder.js';
import type { OutputMemory } from './outputMemory.js';

/**
 * The records of a window, in the order of its blocks. Views on the memory of the blocks are stored as places: a window
 * can have millions of records, and the garbage collector would trace and move an object for each.
 */
export class WindowRecords {
  readonly count: number;
  readonly #places: Uint32Array;
  readonly #origins: BlockOrigin[] = [];
  /** `undefined` if the block is not loaded. */
  readonly #memory: (Uint8Array | undefined)[] = [];
  /** Records that are not in the memory of their block, such as strings. */
  #others: unknown[] | undefined;
  /** Not used. Keeps the first accesses of {@link copy} from being optimised away. */
  touched = 0;

  constructor({ records }: LaneWindow) {
    this.count = records;
    this.#places = new Uint32Array(PLACE_WORDS * records);
  }

  /** The memory of the loaded blocks. */
  get memory(): readonly Uint8Array[] {
    return this.#memory.filter((memory) => memory !== undefined);
  }

  setBlock(block: number, bytes: Uint8Array, { path, byteOffset }: { path: string; byteOffset: number }): void {
    this.#memory[block] = new Uint8Array(bytes.buffer);
    this.#origins[block] = { path, shift: byteOffset - bytes.byteOffset };
  }

  setView(index: number, block: number, { byteOffset, length }: { byteOffset: number; length: number }): void {
    const at = PLACE_WORDS * index;
    this.#places[at] = block;
    this.#places[at + 1] = byteOffset;
    this.#places[at + 2] = length;
  }

  setOther(index: number, record: unknown): void {
    this.#others ??= [];
    this.#others[index] = record;
  }

  /** Copies the records with these indices to `output`, and adds them to `into`. */
  copy(indices: Uint32Array, output: OutputMemory, into: unknown[]): void {
    const places = this.#places;
    const memory = this.#memory as Uint8Array[];
    const others = this.#others;
    let byteLength = 0;
    for (const index of indices) {
      const at = PLACE_WORDS * index;
      byteLength += places[at + 2] as number;
      // In a short loop, the CPU waits for the first bytes of many records at the same time.
      this.touched ^= memory[places[at] as number]?.[places[at + 1] as number] ?? 0;
    }
    const part = output.take(byteLength, { indices, places, origins: this.#origins });
    const { bytes } = part;
    let { byteOffset } = part;
    for (const index of indices) {
      const other = others?.[index];
      if (other !== undefined) into.push(other);
      else {
        const at = PLACE_WORDS * index;
        const length = places[at + 2] as number;
        const { buffer } = memory[places[at] as number] as Uint8Array;
        bytes.set(new Uint8Array(buffer, places[at + 1], length), byteOffset);
        into.push(new Uint8Array(bytes.buffer, byteOffset, length));
        byteOffset += length;
      }
    }
  }
}
