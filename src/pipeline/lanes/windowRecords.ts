import { rememberCopies } from '../../base/origins.js';
import type { RecordSpan } from '../../base/recordSpan.js';
import type { ColumnArrays, RowRun } from '../../formats/parquet/joinRows.js';
import { CopiedOrigins, PLACE_WORDS, UNKNOWN_BLOCK, type BlockOrigin } from './copiedOrigins.js';
import type { LaneWindow } from './globalOrder.js';

/** Buckets grow by this many bytes. */
const UNIT_BYTES = 32 * 1024;

/**
 * Memory that is reused. Keeps typed arrays instead of buffers, to avoid thousands of new typed arrays for each window.
 */
export class UnitMemory {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(Buffer.allocUnsafeSlow(UNIT_BYTES).buffer);
  }

  giveBack(unit: Uint8Array): void {
    this.#free.push(unit);
  }
}

/** The records of a bucket, in the order of the blocks. */
export interface OpenBucket {
  /** The index of the bucket's first record, counted through all buckets of the window. */
  readonly first: number;
  readonly count: number;
  readonly memory: ArrayBufferLike;
}

/**
 * The records of a window, in buckets that are small enough for the cache of a core. Each record is copied to the end
 * of a random bucket when it is read, so that writing and reading a bucket are sequential. Copying records from random
 * places of the whole window would take longer, because most accesses would miss the cache.
 *
 * All records of a bucket are copied to new memory together, when its first record is needed. Views of the blocks, which
 * need no copies, took 1.2 to 1.8 times the CPU time with `parseExample`: each record is first used far from the last one, and V8
 * frees the memory of old blocks only when it collects the whole heap. The places of records are
 * in typed arrays, because the garbage collector would trace and move an object for each of millions of records.
 */
export class WindowRecords {
  readonly count: number;
  readonly #memory: UnitMemory;
  readonly #bucketOf: Uint16Array;
  /** The first record of each bucket, and the end of the last bucket. */
  readonly #firsts: Uint32Array;
  /** For each block and bucket, the index of the block's next record in the bucket. */
  readonly #next: Uint32Array;
  readonly #places: Uint32Array;
  readonly #origins: BlockOrigin[] = [];
  readonly #units: Uint8Array[][];
  /** The number of bytes in each bucket. */
  readonly #bytes: Float64Array;
  /** Records that are not bytes, such as strings. */
  #others: unknown[] | undefined;
  /** For each block, the table whose rows are the records. */
  #tables: ColumnArrays[] | undefined;
  #block = 0;
  #blockMemory: ArrayBufferLike | undefined;

  constructor({ parts, records, buckets, random }: LaneWindow, memory: UnitMemory) {
    this.count = records;
    this.#memory = memory;
    this.#units = Array.from({ length: buckets }, () => []);
    this.#bytes = new Float64Array(buckets);
    this.#places = new Uint32Array(PLACE_WORDS * records);
    this.#bucketOf = new Uint16Array(records);
    this.#next = new Uint32Array(parts.length * buckets);
    this.#firsts = new Uint32Array(buckets + 1);
    let index = 0;
    for (const [block, { from, to }] of parts.entries()) {
      for (const end = index + to - from; index < end; index++) {
        const bucket = random(buckets);
        this.#bucketOf[index] = bucket;
        (this.#next[block * buckets + bucket] as number)++;
      }
    }
    this.#countFirsts(parts.length);
  }

  get buckets(): number {
    return this.#units.length;
  }

  /** Sets the block of the next records. Its records must be added in their order. */
  beginBlock(block: number, memory: ArrayBufferLike, origin: BlockOrigin): void {
    this.#block = block;
    this.#blockMemory = memory;
    this.#origins[block] = origin;
  }

  /** Copies a record to the end of its bucket. */
  addBytes(index: number, { memory, byteOffset, length }: RecordSpan): void {
    const bucket = this.#bucketOf[index] as number;
    const at = PLACE_WORDS * this.#nextIn(bucket);
    const end = this.#bytes[bucket] as number;
    this.#places[at] = end;
    this.#places[at + 1] = length;
    this.#places[at + 2] = memory === this.#blockMemory ? this.#block : UNKNOWN_BLOCK;
    this.#places[at + 3] = byteOffset;
    this.#bytes[bucket] = end + length;
    const units = this.#units[bucket] as Uint8Array[];
    const used = end % UNIT_BYTES;
    const last = units[units.length - 1];
    if (last && used > 0 && used + length <= UNIT_BYTES) last.set(new Uint8Array(memory, byteOffset, length), used);
    else this.#append(units, end, new Uint8Array(memory, byteOffset, length));
  }

  addOther(index: number, record: unknown): void {
    this.#others ??= [];
    this.#others[this.#nextIn(this.#bucketOf[index] as number)] = record;
  }

  /** Sets the block of the next rows. */
  beginTable(block: number, table: ColumnArrays): void {
    this.#block = block;
    this.#tables ??= [];
    this.#tables[block] = table;
  }

  addRow(index: number, row: number): void {
    const at = PLACE_WORDS * this.#nextIn(this.#bucketOf[index] as number);
    this.#places[at + 2] = this.#block;
    this.#places[at + 3] = row;
  }

  /** Moves the bytes of a bucket to new memory. Call it once for each bucket, after all records were added. */
  open(bucket: number): OpenBucket {
    const byteLength = this.#bytes[bucket] as number;
    const { buffer } = Buffer.allocUnsafeSlow(byteLength);
    const bytes = new Uint8Array(buffer);
    for (const [position, unit] of (this.#units[bucket] as Uint8Array[]).entries()) {
      const start = position * UNIT_BYTES;
      bytes.set(unit.subarray(0, byteLength - start), start);
      this.#memory.giveBack(unit);
    }
    this.#units[bucket] = [];
    const [first, end] = this.#firsts.subarray(bucket) as unknown as [number, number];
    const places = this.#places.subarray(PLACE_WORDS * first, PLACE_WORDS * end);
    if (byteLength > 0) rememberCopies(buffer, new CopiedOrigins(places, this.#origins));
    return { first, count: end - first, memory: buffer };
  }

  /** Returns a record of an open bucket. */
  read(index: number, memory: ArrayBufferLike): unknown {
    if (this.#others && index in this.#others) return this.#others[index];
    const at = PLACE_WORDS * index;
    if (this.#tables) return this.#row(at, this.#tables);
    return new Uint8Array(memory, this.#places[at], this.#places[at + 1]);
  }

  #row(at: number, tables: readonly ColumnArrays[]): RowRun {
    const row = this.#places[at + 3] as number;
    return { table: tables[this.#places[at + 2] as number] as ColumnArrays, start: row, end: row + 1 };
  }

  #nextIn(bucket: number): number {
    const at = this.#block * this.buckets + bucket;
    const next = this.#next[at] as number;
    this.#next[at] = next + 1;
    return next;
  }

  /** {@link #next} contains counts of records. Replaces each count by the sum of the counts before it. */
  #countFirsts(blocks: number): void {
    let first = 0;
    for (let bucket = 0; bucket < this.buckets; bucket++) {
      this.#firsts[bucket] = first;
      for (let block = 0; block < blocks; block++) {
        const at = block * this.buckets + bucket;
        const count = this.#next[at] as number;
        this.#next[at] = first;
        first += count;
      }
    }
    this.#firsts[this.buckets] = first;
  }

  /** Appends bytes that need new units. */
  #append(units: Uint8Array[], end: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const used = (end + done) % UNIT_BYTES;
      if (used === 0) units.push(this.#memory.take());
      const part = bytes.subarray(done, done + UNIT_BYTES - used);
      (units.at(-1) as Uint8Array).set(part, used);
      done += part.length;
    }
  }
}
