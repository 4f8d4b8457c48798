import { placeOf, rememberCopy } from '../../base/origins.js';
import type { RecordSpan } from '../../base/recordSpan.js';

/** A record of at least this size is read directly into its own memory. Smaller records may be copied. */
const LARGE_BYTES = 256 * 1024;
/** Additional memory, because the last read of a large record also reads the start of the next one. */
const SPARE_BYTES = 64 * 1024;

/**
 * The input of a reader.
 *
 * A reader calls {@link ChunkWindow.has} first for a header, then for the whole record. A header or record that spans
 * chunks is copied, unless the chunks are adjacent in memory, as chunks of a FIFO can be. A source can read the rest of
 * a large record into its own memory: see {@link ChunkWindow.room}.
 */
export class ChunkWindow {
  view: DataView = new DataView(new ArrayBuffer(0));
  position = 0;

  #memory: ArrayBufferLike = this.view.buffer;
  #limit = 0;
  #origin = 0;
  #isOwn = false;
  #isStarved = true;
  /** The argument of the last call of {@link has} that returned false. */
  #wanted = 0;
  #isRoomTaken = false;

  /** The last chunk, until `#memory` contains it. `#nextOffset` is the position of the chunk in the input. */
  #next: Uint8Array | undefined;
  #taken = 0;
  #nextOffset = 0;

  beginAt(byteOffset: number): void {
    this.#origin = byteOffset;
  }

  get byteOffset(): number {
    return this.#origin + this.position;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Call this only after {@link has} returned false. */
  push(chunk: Uint8Array): void {
    this.#checkAllRead();
    this.#isStarved = false;
    this.#isRoomTaken = false;
    if (!this.#next && chunk.buffer === this.#memory && chunk.byteOffset === this.#limit) {
      this.#limit += chunk.length;
      return;
    }
    this.#nextOffset = this.#next ? this.#nextOffset + this.#next.length : this.#origin + this.#limit;
    this.#next = chunk;
    this.#taken = 0;
  }

  end(): number {
    this.#checkAllRead();
    return this.#limit - this.position;
  }

  /**
   * Returns true if `length` bytes are available at `position`. If false, the next chunk is added to the available
   * bytes.
   */
  has(length: number): boolean {
    return this.position + length <= this.#limit || this.#reach(length);
  }

  slice(start: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory, this.position + start, length);
  }

  /** Sets `span` to the range that `slice` returns. */
  setSpan(span: RecordSpan, start: number, length: number): void {
    span.memory = this.#memory;
    span.byteOffset = this.position + start;
    span.length = length;
  }

  /**
   * Returns free memory for the next chunk: the rest of the memory of an incomplete large record. Returns `undefined`
   * if there is no such record, or if the memory was already returned for this chunk.
   */
  room(byteLength: number): Uint8Array | undefined {
    if (!this.#isStarved || this.#isRoomTaken || this.#next || this.#wanted < LARGE_BYTES) return undefined;
    if (!this.#hasMemoryFor(this.#wanted)) this.#moveToBufferOf(this.#wanted);
    if (this.#memory.byteLength - this.#limit < byteLength) return undefined;
    this.#isRoomTaken = true;
    return new Uint8Array(this.#memory, this.#limit, byteLength);
  }

  peek(length: number): Uint8Array {
    return this.slice(0, Math.min(length, this.#limit - this.position));
  }

  #checkAllRead(): void {
    const unread = this.#next ? this.#next.length - this.#taken : this.#limit - this.position;
    if (unread > 0 && !this.#isStarved)
      throw new RangeError(
        `push() was called, but ${unread} bytes of the ` +
          'previous chunk are unread: call read() until it returns undefined',
      );
  }

  #reach(length: number): boolean {
    if (this.#next) {
      if (this.position === this.#limit) this.#moveInto(this.#next);
      else this.#complete(this.#next, length);
    }
    this.#isStarved = this.position + length > this.#limit;
    this.#wanted = length;
    return !this.#isStarved;
  }

  #moveInto(chunk: Uint8Array): void {
    if (chunk.buffer !== this.#memory) this.#setMemory(chunk.buffer);
    this.#isOwn = false;
    this.position = chunk.byteOffset + this.#taken;
    this.#limit = chunk.byteOffset + chunk.length;
    this.#origin = this.#nextOffset - chunk.byteOffset;
    this.#next = undefined;
  }

  #complete(chunk: Uint8Array, length: number): void {
    if (!this.#hasMemoryFor(length)) this.#moveToBufferOf(length);
    const missing = this.position + length - this.#limit;
    const taken = Math.min(this.#taken + missing, chunk.length);
    new Uint8Array(this.#memory).set(chunk.subarray(this.#taken, taken), this.#limit);
    this.#limit += taken - this.#taken;
    this.#taken = taken;
    if (taken === chunk.length) this.#next = undefined;
  }

  #hasMemoryFor(length: number): boolean {
    return this.#isOwn && this.#memory.byteLength >= this.position + length;
  }

  #moveToBufferOf(length: number): void {
    const kept = new Uint8Array(this.#memory, this.position, this.#limit - this.position);
    const own = Buffer.allocUnsafeSlow(length < LARGE_BYTES ? length : length + SPARE_BYTES);
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
