import type { ChunkWindow } from '../framing/chunkWindow.js';
import { FIRST, LENGTH_BITS, MAGIC, MAX_PART_BYTES, WHOLE } from './recordIOLayout.js';

/**
 * Looks for the header of the next RecordIO record where framing was lost. It goes byte by byte, since nothing is sure
 * to be aligned any more; a payload that holds what looks like a header can mislead it.
 */
export class RecordIOScanner {
  /** The last eight bytes, as the two words that a header would have there. */
  #magic = 0;
  #word = 0;

  /** Goes on to the end of the next header; gives its second word, or `undefined` where none has come yet. */
  find(window: ChunkWindow, maxRecordBytes: number): number | undefined {
    while (window.has(1)) {
      const byte = window.view.getUint8(window.position++);
      this.#magic = (this.#magic >>> 8) | (this.#word << 24);
      this.#word = (this.#word >>> 8) | (byte << 24);
      if (this.#magic >>> 0 !== MAGIC || (this.#word & MAX_PART_BYTES) > maxRecordBytes) continue;
      const cflag = this.#word >>> LENGTH_BITS;
      if (cflag === WHOLE || cflag === FIRST) return this.#word;
    }
    return undefined;
  }
}
