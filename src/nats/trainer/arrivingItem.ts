import { ANSWER_BYTES, type Piece } from '../protocol.js';

/** Joins the pieces of an item. */
export class ArrivingItem {
  /** The number of bytes that are reserved for the item. */
  readonly #roomBytes: number;
  /** The memory of the whole item, or only of the first answer if the item is larger than the reserved bytes. */
  #memory = new Uint8Array(0);
  filled = 0;
  byteLength: number | undefined;

  constructor(roomBytes: number) {
    this.#roomBytes = roomBytes;
  }

  get isComplete(): boolean {
    return this.filled === this.byteLength;
  }

  /** Returns false if an earlier piece was lost. */
  receive({ byteLength, offset, bytes }: Piece): boolean {
    if (this.byteLength !== undefined && byteLength !== this.byteLength)
      throw new Error(`an item of ${byteLength} bytes instead of ${this.byteLength}`);
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
    return true;
  }

  /** Allocates memory for the rest of the item. */
  grow(): void {
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
