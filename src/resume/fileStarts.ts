import { isDeepStrictEqual } from 'node:util';
import { FILE_START } from '../base/readerPosition.js';
import { MARK_BYTES, sampleOf, type ChunkMark } from './byteMark.js';
import { asFacts, type Announcement, type ByteMark, type Facts, type FileStart } from './cursor.js';

export interface Seek {
  /** The number of records of the epoch that come before the first record to deliver. */
  readonly startRecord: number;
  readonly delivered: () => number;
}

export const EPOCH_START: FileStart = { file: 0, records: 0 };

export function recordsBefore({ records, mark }: FileStart): number {
  return mark?.records ?? records;
}

/** The positions from which an epoch can be read again: the starts of files, and marks inside files. */
export class FileStarts {
  readonly #seek: Seek;
  readonly #saved: FileStart | undefined;
  /** Set if the decoder can start inside a file. */
  #decoder: Facts | undefined;
  #first: FileStart;
  /** The last known position before the next record to deliver, and later positions. */
  #starts: FileStart[] = [];
  /** The chunk of the last mark, or the start of the file. */
  #marked = FILE_START;

  constructor(seek: Seek, saved: FileStart | undefined) {
    this.#seek = seek;
    this.#saved = saved;
    this.#first =
      saved && saved.records <= seek.startRecord ? { file: saved.file, records: saved.records } : EPOCH_START;
  }

  get first(): FileStart {
    return this.#first;
  }

  /** Starts the epoch at the mark of the cursor, if the mark was set with the same decoder, options and compression. */
  allowMarks(decoder: Announcement): void {
    this.#decoder = asFacts(decoder);
    const saved = this.#saved;
    if (!saved?.mark || !isDeepStrictEqual(saved.mark.decoder, this.#decoder)) return;
    const { records } = saved.mark;
    if (saved.records <= records && records <= this.#seek.startRecord) this.#first = saved;
  }

  beginFile(file: number, records: number): ByteMark | undefined {
    this.#forgetDelivered();
    const first = this.#first;
    const start = first.file === file ? first : { file, records };
    this.#starts.push(start);
    this.#marked = start.mark ?? FILE_START;
    return start.mark;
  }

  /** Sets a mark at the next record. `records` is the number of records of the epoch before this record. */
  mark(chunk: ChunkMark, records: number): void {
    const { next, byteOffset } = chunk;
    const current = this.#starts.at(-1);
    if (!current || !this.#decoder) return;
    if (byteOffset < this.#marked.byteOffset + MARK_BYTES || next.recordIndex === this.#marked.recordIndex) return;
    this.#marked = { byteOffset, recordIndex: next.recordIndex };
    this.#forgetDelivered();
    const mark = { records, ...next, decoder: this.#decoder, sample: sampleOf(chunk) };
    this.#starts.push({ file: current.file, records: current.records, mark });
  }

  /** Returns the last known position at or before the next record to deliver. */
  read(): FileStart | undefined {
    this.#forgetDelivered();
    return this.#starts[0];
  }

  #forgetDelivered(): void {
    const records = this.#seek.delivered();
    const next = this.#starts.findIndex((start) => recordsBefore(start) > records);
    const current = next < 0 ? this.#starts.length - 1 : next - 1;
    if (current > 0) this.#starts = this.#starts.slice(current);
  }
}
