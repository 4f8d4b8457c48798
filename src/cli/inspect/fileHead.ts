import type { InputFormat } from './inputFormat.js';
import { RecordContent, type Sketch } from './recordContent.js';

/** The group of a file depends on at most this many records and bytes. */
const HELD_RECORDS = 16;
const HELD_BYTES = 2 ** 20;

export class FileHead {
  #held: Uint8Array[] | undefined;
  #bytes = 0;
  readonly #content = new RecordContent();
  #sketch: Sketch | undefined;

  /** @param isNeeded - false if there is only one file. */
  constructor(isNeeded: boolean) {
    if (isNeeded) this.#held = [];
  }

  /**
   * Describes the first records of the file. `undefined` before these records are released, or if no records were
   * stored.
   */
  get sketch(): Sketch | undefined {
    return this.#sketch;
  }

  /**
   * Stores the first records until they show to which data set the file belongs. Returns the records that are no longer
   * stored.
   */
  pass(record: Uint8Array, format: InputFormat | null): readonly Uint8Array[] {
    if (format !== 'RecordIO' && format !== 'TFRecord') this.#held = undefined;
    if (!this.#held) return [record];
    this.#content.add(record, { indexInFile: this.#held.length, path: undefined });
    this.#held.push(Uint8Array.from(record));
    this.#bytes += record.length;
    return this.#held.length >= HELD_RECORDS || this.#bytes >= HELD_BYTES ? this.release() : [];
  }

  release(): readonly Uint8Array[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (held.length > 0) this.#sketch = this.#content.sketch;
    return held;
  }
}
