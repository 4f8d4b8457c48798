import { crc32 } from 'node:zlib';
import {
  asFacts,
  mismatch,
  requireSame,
  type Announcement,
  type Facts,
  type FileStart,
  type InputCursor,
  type Mark,
} from './cursor.js';

/**
 * The length of the first prefix. Each later prefix is twice as long as the one before. So there are few marks, and the
 * last mark covers at least half of the input.
 */
const FIRST_MARK_BYTES = 64 * 1024;

/** How a resumed epoch begins at a record instead of at its start. */
export interface Seek {
  /** The number of records of the epoch before the first one to deliver. */
  readonly startRecord: number;
  /** Returns the number of records in the delivered items. */
  readonly delivered: () => number;
}

/** The position in an input. Each method throws a ConfigError if the input is not the input of the cursor. */
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
  readonly #seek: Seek | undefined;
  /** The first file to read, and the records of the files before it. */
  readonly first: FileStart;
  /** The file with the next record to deliver, and the files after it that were opened. */
  #starts: FileStart[] = [];

  constructor(name: string, unit: InputCursor['unit'], saved: InputCursor | undefined, seek?: Seek) {
    this.#name = name;
    this.#unit = unit;
    this.#saved = saved;
    this.#expected = [...(saved?.marks ?? [])];
    this.#seek = seek;
    const start = saved?.start;
    this.first = start && seek && start.records <= seek.startRecord ? start : { file: 0, records: 0 };
    this.#position = this.first.records;
  }

  describe(announced: Announcement): void {
    this.#facts = asFacts(announced);
    const { unit, facts } = this.#saved ?? {};
    if (facts) requireSame(`inputs.${this.#name}`, { unit, ...facts }, { unit: this.#unit, ...this.#facts });
  }

  /** The number of records of the epoch that were read, or that are before the first file. */
  get records(): number {
    return this.#position;
  }

  /** Call it when the records of a file follow, if files are read one after the other. */
  beginFile(file: number): void {
    if (!this.#seek) return;
    this.#forgetDelivered(this.#seek);
    this.#starts.push({ file, records: this.#position });
  }

  /** Returns whether the record is to be delivered. */
  readRecord(): boolean {
    return this.#position++ >= (this.#seek?.startRecord ?? 0);
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
    if (this.#seek) this.#forgetDelivered(this.#seek);
    const [start] = this.#starts;
    return { facts: this.#facts, unit: this.#unit, position: this.#position, marks, ...(start && { start }) };
  }

  #forgetDelivered({ delivered }: Seek): void {
    const records = delivered();
    const next = this.#starts.findIndex((start) => start.records > records);
    const current = next < 0 ? this.#starts.length - 1 : next - 1;
    if (current > 0) this.#starts = this.#starts.slice(current);
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
