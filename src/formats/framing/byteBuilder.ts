import { placeOf, rememberCopy, type RecordOrigin } from '../../base/origins.js';

const INITIAL_BYTES = 1024;
const KEPT_BYTES = 1024 * 1024;

/** Collects bytes. A full buffer doubles its size up to `maxBytes`. A larger buffer has the size of its content. */
export class ByteBuilder {
  readonly #maxBytes: number;
  #buffer = Buffer.alloc(INITIAL_BYTES);
  #length = 0;
  #origin: RecordOrigin | undefined;

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
   * Returns the content, and empties the builder. Copies content of up to 1 MiB. Larger content is not copied, because
   * the buffer and the copy would need twice the memory.
   *
   * @param lineNumber - the number of the line, from 1. Set only if the bytes are a line.
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
