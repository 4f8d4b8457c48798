import { fourOf, hasByte } from './byteGroups.js';

const QUOTE = 0x22;
const BLOCK_BYTES = 64 * 1024;
/** A UTF-16 unit becomes at most three bytes of UTF-8. */
const MAX_BYTES_OF_UNIT = 3;
const FOUR_QUOTES = fourOf(QUOTE);

/** Copies texts into shared blocks. Separate memory for each text would make garbage collection slower. */
export class TextCopies {
  #block = new Uint8Array(0);
  #view = new DataView(this.#block.buffer);
  #used = 0;

  /**
   * Copies the content of a quoted field. Each doubled quote becomes one quote.
   *
   * @param end - `start` plus the length of the copy, in which each doubled quote is one byte.
   */
  withoutDoubledQuotes(view: DataView, start: number, end: number): Uint8Array {
    const length = end - start;
    const copyAt = this.#allocate(length);
    const block = this.#view;
    const copyEnd = this.#used;
    let from = start;
    let to = copyAt;
    while (to < copyEnd) {
      // The last bytes are copied one by one, like a group with a quote.
      const group = to + 4 <= copyEnd ? view.getInt32(from) : FOUR_QUOTES;
      if (hasByte(group, FOUR_QUOTES)) {
        const byte = view.getUint8(from++);
        block.setUint8(to++, byte);
        if (byte === QUOTE) from++;
      } else {
        block.setInt32(to, group);
        from += 4;
        to += 4;
      }
    }
    return new Uint8Array(block.buffer, copyAt, length);
  }

  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    const copyAt = this.#allocate(length);
    const block = this.#block;
    for (let at = 0; at < length; at++) block[copyAt + at] = bytes[start + at] as number;
    return new Uint8Array(block.buffer, copyAt, length);
  }

  encode(text: string): Uint8Array {
    const start = this.#allocate(MAX_BYTES_OF_UNIT * text.length);
    const { buffer } = this.#block;
    const length = Buffer.from(buffer, start).write(text);
    this.#used = start + length;
    return new Uint8Array(buffer, start, length);
  }

  #allocate(length: number): number {
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(Math.max(BLOCK_BYTES, length));
      this.#view = new DataView(this.#block.buffer);
      this.#used = 0;
    }
    const copyAt = this.#used;
    this.#used += length;
    return copyAt;
  }
}
