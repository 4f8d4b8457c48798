import { placeOf, rememberCopy } from '../../base/origins.js';

/**
 * A reader's view of its input: the chunks where they lie in memory or, where a record spans two that do not adjoin
 * there, that record put together in a buffer of its own.
 *
 * A reader asks {@link ChunkWindow.has} for what it needs next: first the record's header, then, its length known, the
 * whole record. While the chunk holds it nothing is copied, and neither is it where the next chunk begins in memory
 * where this one ends, as those of a FIFO do within a slab. Elsewhere exactly the bytes asked for are copied into a new
 * buffer, however many chunks they come from, and the reader goes on there.
 */
export class ChunkWindow {
  /** The memory that is read, from its beginning: a chunk's whole buffer, or one in which a record is put together. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Where to read in the memory: valid for as many bytes as `has` confirmed last. */
  position = 0;

  /** `view.buffer`, which is slow to ask for. */
  #memory: ArrayBufferLike = this.view.buffer;
  #limit = 0;
  /** What a position in the memory is short of the position in the whole input. */
  #origin = 0;
  /** Whether the memory was made here, for one record. */
  #isOwn = false;
  /** Whether more was asked for than has come. */
  #isStarved = true;

  /** The chunk that completes the bytes in the memory, how much of it was taken, and where it lies in the input. */
  #next: Uint8Array | undefined;
  #taken = 0;
  #nextOffset = 0;

  /** The position in the whole input. */
  get byteOffset(): number {
    return this.#origin + this.position;
  }

  /** Where in the memory that ends which has come. */
  get limit(): number {
    return this.#limit;
  }

  /** Takes the next chunk, once `has` said of the one before that it holds no more. */
  push(chunk: Uint8Array): void {
    this.#checkAllRead();
    this.#isStarved = false;
    if (!this.#next && chunk.buffer === this.#memory && chunk.byteOffset === this.#limit) {
      this.#limit += chunk.length;
      return;
    }
    this.#nextOffset = this.#next ? this.#nextOffset + this.#next.length : this.#origin + this.#limit;
    this.#next = chunk;
    this.#taken = 0;
  }

  /** How many bytes are left of which no record was made, now that no chunk follows. */
  end(): number {
    this.#checkAllRead();
    return this.#limit - this.position;
  }

  /** Whether `length` bytes lie at `position`; if not, those there are kept until the next chunk. */
  has(length: number): boolean {
    return this.position + length <= this.#limit || this.#reach(length);
  }

  /** `length` bytes, `start` bytes from the position, without a copy. */
  slice(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory, this.position + start, length);
  }

  /** Returns up to `length` bytes from the position, as far as they have arrived in one piece. For messages. */
  peek(length: number): Uint8Array {
    return this.slice(0, Math.min(length, this.#limit - this.position));
  }

  #checkAllRead(): void {
    const unread = this.#next ? this.#next.length - this.#taken : this.#limit - this.position;
    if (unread > 0 && !this.#isStarved)
      throw new RangeError(`${unread} bytes of the last chunk have not been read yet`);
  }

  /** Makes the bytes lie at `position` with the help of the next chunk, as far as there is one. */
  #reach(length: number): boolean {
    if (this.#next) {
      if (this.position === this.#limit) this.#moveInto(this.#next);
      else this.#complete(this.#next, length);
    }
    this.#isStarved = this.position + length > this.#limit;
    return !this.#isStarved;
  }

  /** Goes on in the chunk itself: nothing is left in the memory before it. */
  #moveInto(chunk: Uint8Array): void {
    if (chunk.buffer !== this.#memory) this.#setMemory(chunk.buffer);
    this.#isOwn = false;
    this.position = chunk.byteOffset + this.#taken;
    this.#limit = chunk.byteOffset + chunk.length;
    this.#origin = this.#nextOffset - chunk.byteOffset;
    this.#next = undefined;
  }

  /** Copies from the chunk what is missing to `length` bytes, as far as it goes. */
  #complete(chunk: Uint8Array, length: number): void {
    if (!this.#isOwn || this.#memory.byteLength < this.position + length) this.#moveToBufferOf(length);
    const missing = this.position + length - this.#limit;
    const taken = Math.min(this.#taken + missing, chunk.length);
    new Uint8Array(this.#memory).set(chunk.subarray(this.#taken, taken), this.#limit);
    this.#limit += taken - this.#taken;
    this.#taken = taken;
  }

  #moveToBufferOf(length: number): void {
    const kept = new Uint8Array(this.#memory, this.position, this.#limit - this.position);
    const own = Buffer.allocUnsafeSlow(length);
    own.set(kept);
    rememberCopy(own, placeOf(kept));
    this.#setMemory(own.buffer);
    this.#isOwn = true;
    this.#limit = kept.length;
    this.#origin += this.position;
    this.position = 0;
  }

  #setMemory(memory: ArrayBufferLike): void {
    this.#memory = memory;
    this.view = new DataView(memory);
  }
}
