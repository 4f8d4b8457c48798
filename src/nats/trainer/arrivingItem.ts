import { ANSWER_BYTES, type Piece } from '../protocol.js';

/** Joins the pieces of an item. */
export class ArrivingItem {
  /** The number of bytes that are reserved for the item. */
  readonly #roomBytes: number;
  /** The memory of the whole item, or only of the first answer if the item is larger than the reserved bytes. */
  #memory = new Uint8Array(0);
  #start = 0;
  filled = 0;
  byteLength: number | undefined;
  isEnd = false;

  constructor(roomBytes: number) {
    this.#roomBytes = roomBytes;
  }

  /**
   * Returns true after the last piece of an answer. Ignores pieces after a lost piece, so that the answer times out.
   */
  readonly receive = ({ isEnd, byteLength, offset, bytes }: Piece): boolean => {
    if (this.byteLength !== undefined && byteLength !== this.byteLength)
      throw new Error(`an item of ${byteLength} bytes instead of ${this.byteLength}`);
    if (isEnd) {
      this.isEnd = true;
      return true;
    }
    if (offset !== this.filled) return false;
    if (this.byteLength === undefined) {
      this.byteLength = byteLength;
      // The pieces fill this memory.
      this.#memory = Buffer.allocUnsafeSlow(
        byteLength <= this.#roomBytes ? byteLength : Math.min(byteLength, ANSWER_BYTES),
      );
    }
    this.#memory.set(bytes, offset);
    this.filled += bytes.length;
    return this.filled === byteLength || this.filled === this.#start + ANSWER_BYTES;
  };

  /** Allocates memory for the rest of the item. */
  grow(): void {
    this.#start = this.filled;
    const { byteLength = 0 } = this;
    if (this.#memory.length === byteLength) return;
    const whole = Buffer.allocUnsafeSlow(byteLength);
    whole.set(this.#memory.subarray(0, this.filled));
    this.#memory = whole;
  }

  complete(): Uint8Array {
    return this.#memory;
  }
}
