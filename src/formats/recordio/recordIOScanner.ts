import type { FormatError } from '../../base/errors.js';
import type { ChunkWindow } from '../framing/chunkWindow.js';
import { FIRST, LENGTH_BITS, MAGIC, MAX_PART_BYTES, WHOLE } from './recordIOLayout.js';

/** The state of a reader after a bad record. */
export interface Lost {
  readonly error: FormatError;
  readonly scanner: RecordIOScanner;
}

/**
 * Searches at every byte, because bad bytes can move a header to any offset. A found header may be wrong, because
 * payload bytes may look like a header.
 */
export class RecordIOScanner {
  /** The first word of a possible header; `#word` is the second. */
  #magic = 0;
  #word = 0;

  /** Moves to the end of the next header. Returns its second word, or `undefined` if no header has arrived. */
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
