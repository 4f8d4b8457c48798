/**
 * The records of a block. Views on the bytes of the block are stored as offsets: a window can have millions of records,
 * and the garbage collector would trace and move an object for each.
 */
export class BlockRecords {
  readonly #memory: ArrayBufferLike;
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #lengths: Uint32Array;
  /** All other records, such as strings. */
  #others: unknown[] | undefined;

  constructor({ buffer }: Uint8Array, count: number) {
    this.#memory = buffer;
    this.#bytes = new Uint8Array(buffer);
    this.#starts = new Uint32Array(count);
    this.#lengths = new Uint32Array(count);
  }

  set(index: number, record: unknown): void {
    if (record instanceof Uint8Array && record.buffer === this.#memory) {
      this.#starts[index] = record.byteOffset;
      this.#lengths[index] = record.length;
    } else {
      this.#others ??= [];
      this.#others[index] = record;
    }
  }

  /** Reads the first byte of a record, so that the record is in the cache of the CPU. */
  touch(index: number): number {
    return this.#bytes[this.#starts[index] as number] ?? 0;
  }

  get(index: number): unknown {
    return this.#others?.[index] ?? new Uint8Array(this.#memory, this.#starts[index], this.#lengths[index]);
  }
}
