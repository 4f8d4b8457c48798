import { crc32 } from 'node:zlib';
import type { MonoTypeOperatorFunction } from 'rxjs';
import {
  asFacts,
  mismatch,
  requireSame,
  type Announcement,
  type Facts,
  type ByteMark,
  type FileStart,
  type InputCursor,
  type Mark,
} from './cursor.js';
import { compareSample, type ChunkMark } from './byteMark.js';
import { EPOCH_START, FileStarts, recordsBefore, type Seek } from './fileStarts.js';

/**
 * The length of the first prefix with a checksum. Each later prefix is twice as long as the previous one, so there are
 * few checksums, and the last prefix is at least half of the input.
 */
const FIRST_MARK_BYTES = 64 * 1024;

/** The position in an input. Its methods throw a ConfigError if the input has changed since the cursor was saved. */
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
  readonly #startRecord: number;
  readonly #starts: FileStarts | undefined;

  constructor(name: string, unit: InputCursor['unit'], saved: InputCursor | undefined, seek?: Seek) {
    this.#name = name;
    this.#unit = unit;
    this.#saved = saved;
    this.#expected = [...(saved?.marks ?? [])];
    this.#startRecord = seek?.startRecord ?? 0;
    this.#starts = seek && new FileStarts(seek, saved?.start);
    this.#position = this.first.records;
  }

  get first(): FileStart {
    return this.#starts?.first ?? EPOCH_START;
  }

  /**
   * Call this before the first record.
   *
   * @param decoder - the format, decoder options and compression. A mark is valid only for equal values.
   * @returns false if `resumable` has no `recordsPerItem`.
   */
  allowMarks(decoder: Announcement): boolean {
    this.#starts?.allowMarks(decoder);
    this.#position = recordsBefore(this.first);
    return this.#starts !== undefined;
  }

  announceFacts(announced: Announcement): void {
    this.#facts = asFacts(announced);
    const { unit, facts } = this.#saved ?? {};
    if (facts) requireSame(`inputs.${this.#name}`, { unit, ...facts }, { unit: this.#unit, ...this.#facts });
  }

  /** The number of records of the epoch before the next record to read, including those of skipped files. */
  get records(): number {
    return this.#position;
  }

  /**
   * Call this before the records of a file, if files are read one after the other.
   *
   * @returns the mark to start at, or `undefined` for the start of the file.
   */
  beginFile(file: number): ByteMark | undefined {
    return this.#starts?.beginFile(file, this.#position);
  }

  /** Call this before the records of a chunk, if files are read one after the other. */
  markChunk(chunk: ChunkMark): void {
    this.#starts?.mark(chunk, this.#position);
  }

  compareMarked(mark: ByteMark): MonoTypeOperatorFunction<Uint8Array> {
    return compareSample(mark, this.#name);
  }

  /** For inputs that can begin at any record of the epoch. Returns the index of the first record to read. */
  beginAtRecord(): number {
    this.#position = this.#startRecord;
    return this.#startRecord;
  }

  /** Counts a record. Returns true if the record must be delivered. */
  readRecord(): boolean {
    return this.#position++ >= this.#startRecord;
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
    const isMarked = this.#unit !== 'bytes' || this.#position === (this.#marks.at(-1)?.bytes ?? 0);
    const marks = isMarked ? [...this.#marks] : [...this.#marks, last];
    const start = this.#starts?.read();
    return { facts: this.#facts, unit: this.#unit, position: this.#position, marks, ...(start && { start }) };
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

/** Returns a saved input of a different kind. Compares the units, because paths in the names may change. */
export function inputOfOtherKind(
  inputs: Readonly<Record<string, InputCursor>>,
  unit: InputCursor['unit'],
): InputCursor | undefined {
  return Object.values(inputs).find((saved) => (saved.unit === 'steps') !== (unit === 'steps'));
}
