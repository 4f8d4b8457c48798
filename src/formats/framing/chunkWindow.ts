import { placeOf, rememberCopy } from '../../base/origins.js';

/**
 * A reader's view of its input. It reads chunks in place. A record across two chunks that do not adjoin in memory is
 * copied into its own buffer.
 *
 * A reader calls {@link ChunkWindow.has} for the bytes it needs next: first the header, then, with the known length,
 * the whole record. If they are in the chunk, nothing is copied. If the next chunk adjoins in memory, as within a
 * FIFO's slab, nothing is copied either. Otherwise exactly those bytes are copied into a new buffer, from any number of
 * chunks.
 */
export class ChunkWindow {
  /** The memory to read: a chunk's whole buffer, or the copy of a record. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** The position in the memory. Valid for as many bytes as `has` last confirmed. */
  position = 0;

  /** `view.buffer`, which is slow to read. */
  #memory: ArrayBufferLike = this.view.buffer;
  #limit = 0;
  /** The position in the input minus that in the memory. */
  #origin = 0;
  /** Whether the memory is the copy of one record. */
  #isOwn = false;
  /** Whether more bytes were requested than have arrived. */
  #isStarved = true;

  /** The chunk that completes the memory, how much of it was taken, and its input position. */
  #next: Uint8Array | undefined;
  #taken = 0;
  #nextOffset = 0;

  /** The position in the input. */
  get byteOffset(): number {
    return this.#origin + this.position;
  }

  /** The end of the arrived bytes in the memory. */
  get limit(): number {
    return this.#limit;
  }

  /** Takes the next chunk, after `has` has returned false. */
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

  /** Ends the input, and returns the number of bytes that belong to no record. */
  end(): number {
    this.#checkAllRead();
    return this.#limit - this.position;
  }

  /** Whether `length` bytes are at `position`. If not, keeps the existing ones until the next chunk. */
  has(length: number): boolean {
    return this.position + length <= this.#limit || this.#reach(length);
  }

  /** Returns a view on `length` bytes, `start` bytes after the position. */
  slice(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory, this.position + start, length);
  }

  /** Returns up to `length` bytes from the position that have arrived contiguously. For messages. */
  peek(length: number): Uint8Array {
    return this.slice(0, Math.min(length, this.#limit - this.position));
  }

  #checkAllRead(): void {
    const unread = this.#next ? this.#next.length - this.#taken : this.#limit - this.position;
    if (unread > 0 && !this.#isStarved) throw new RangeError(`${unread} bytes of the last chunk are unread`);
  }

  /** Makes bytes available at `position` from the next chunk, if there is one. */
  #reach(length: number): boolean {
    if (this.#next) {
      if (this.position === this.#limit) this.#moveInto(this.#next);
      else this.#complete(this.#next, length);
    }
    this.#isStarved = this.position + length > this.#limit;
    return !this.#isStarved;
  }

  /** Moves into the chunk when the memory before it is used up. */
  #moveInto(chunk: Uint8Array): void {
    if (chunk.buffer !== this.#memory) this.#setMemory(chunk.buffer);
    this.#isOwn = false;
    this.position = chunk.byteOffset + this.#taken;
    this.#limit = chunk.byteOffset + chunk.length;
    this.#origin = this.#nextOffset - chunk.byteOffset;
    this.#next = undefined;
  }

  /** Copies the missing part of `length` bytes from the chunk, if it has them. */
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
