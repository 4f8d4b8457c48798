import { crc32 } from 'node:zlib';
import {
  asFacts,
  mismatch,
  requireSame,
  type Announcement,
  type Facts,
  type InputCursor,
  type Mark,
} from './cursor.js';

/**
 * Each further prefix is twice as long as the previous one, so there are few marks, and the last one covers at least
 * half of the input.
 */
const FIRST_MARK_BYTES = 64 * 1024;

/** The position in an input. Each method throws a ConfigError if the input differs from that of the cursor. */
export class InputPosition {
  readonly #name: string;
  readonly #unit: InputCursor['unit'];
  readonly #saved: InputCursor | undefined;
  readonly #expected: Mark[];
  readonly #marks: Mark[] = [];
  #facts: Facts | undefined;
  #position = 0;
  #crc32 = 0;
  #nextMark = FIRST_MARK_BYTES;

  constructor(name: string, unit: InputCursor['unit'], saved: InputCursor | undefined) {
    this.#name = name;
    this.#unit = unit;
    this.#saved = saved;
    this.#expected = [...(saved?.marks ?? [])];
  }

  describe(announced: Announcement): void {
    this.#facts = asFacts(announced);
    const { unit, facts } = this.#saved ?? {};
    if (facts) requireSame(`inputs.${this.#name}`, { unit, ...facts }, { unit: this.#unit, ...this.#facts });
  }

  readRecord(): void {
    this.#position++;
  }

  readBytes(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length;) {
      const nearest = Math.min(this.#nextMark, this.#expected[0]?.bytes ?? Infinity);
      const to = Math.min(chunk.length, from + nearest - this.#position);
      this.#crc32 = crc32(chunk.subarray(from, to), this.#crc32);
      this.#position += to - from;
      from = to;
      if (this.#position === this.#nextMark) this.#setMark();
      if (this.#position === this.#expected[0]?.bytes) this.#compare(this.#expected.shift() as Mark);
    }
  }

  end(): void {
    const missed = this.#expected.at(-1);
    if (missed) throw this.#mismatch('bytes', `at least ${missed.bytes}`, String(this.#position));
  }

  read(): InputCursor | undefined {
    if (!this.#facts) return undefined;
    const last = { bytes: this.#position, crc32: this.#crc32 };
    const isMarked = this.#unit === 'records' || this.#position === (this.#marks.at(-1)?.bytes ?? 0);
    const marks = isMarked ? [...this.#marks] : [...this.#marks, last];
    return { facts: this.#facts, unit: this.#unit, position: this.#position, marks };
  }

  #setMark(): void {
    this.#marks.push({ bytes: this.#position, crc32: this.#crc32 });
    this.#nextMark *= 2;
  }

  #compare(saved: Mark): void {
    if (saved.crc32 === this.#crc32) return;
    throw this.#mismatch(`crc32 of the first ${saved.bytes} bytes`, String(saved.crc32), String(this.#crc32));
  }

  #mismatch(part: string, saved: string, found: string): Error {
    const hint = `If the job has a ShuffleConfig, set shuffledChannels: [${JSON.stringify(this.#name)}]. `;
    return mismatch(`inputs.${this.#name}.${part}`, saved, found, hint);
  }
}
