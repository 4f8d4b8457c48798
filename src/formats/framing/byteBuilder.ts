import { placeOf, rememberCopy, type RecordOrigin } from '../../base/origins.js';

const INITIAL_BYTES = 1024;
/** A larger buffer than this is not kept for the next use. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Collects bytes whose number is not known beforehand: a line, or a record of many parts.
 *
 * It copies what it is given, so nothing is kept alive, and doubles its room as it needs, up to what there may be.
 */
export class ByteBuilder {
  readonly #maxBytes: number;
  #buffer = Buffer.alloc(INITIAL_BYTES);
  #length = 0;
  /** The place of the first bytes in their file. */
  #origin: RecordOrigin | undefined;

  /** @param maxBytes - how many bytes are expected at most; more still find room. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    if (this.#length === 0) this.#origin ??= placeOf(bytes);
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const room = Math.min(2 * this.#buffer.length, this.#maxBytes);
      const larger = Buffer.allocUnsafeSlow(Math.max(length, room));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  /**
   * What was collected; the builder is empty again. It is in memory of exactly its size, or, where there is much of it, in
   * that in which it was collected, since a copy would need as much again.
   *
   * @param lineNumber - counted from 1, if it is a line: it is kept with the origin.
   */
  take(lineNumber?: number): Uint8Array {
    const { buffer: memory, byteOffset } = this.#buffer;
    const isLarge = this.#length > KEPT_BYTES;
    const bytes = isLarge
      ? new Uint8Array(memory, byteOffset, this.#length)
      : new Uint8Array(this.#buffer.subarray(0, this.#length));
    if (this.#origin) rememberCopy(bytes, { ...this.#origin, lineNumber });
    this.#origin = undefined;
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.alloc(INITIAL_BYTES);
    return bytes;
  }
}
