import { ByteBuilder } from '../framing/byteBuilder.js';
import type { RowBytes } from './rowSplitter.js';

const NEWLINE = 0x0a;
const NOTHING = new Uint8Array(0);
const LINE_END = Uint8Array.of(NEWLINE);

/**
 * The bytes that can be read as rows. They end with a newline. If a row continues in the next chunk, its start is
 * copied, and joined with the rest.
 */
export class TableBytes implements RowBytes {
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #at = 0;
  #end = 0;
  /** The offset of `#bytes` in the input. */
  #offset = 0;
  /** The start of a row that continues in `#chunk`. */
  readonly #carried: ByteBuilder;
  #chunk: Uint8Array = NOTHING;
  /** The length at which an incomplete row is read again: twice the length at the last attempt. */
  #nextTry = 0;

  constructor(maxRecordBytes: number) {
    this.#carried = new ByteBuilder(maxRecordBytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** The position of the next row in `bytes`. */
  get at(): number {
    return this.#at;
  }

  /** The position after the last newline in `bytes`. */
  get end(): number {
    return this.#end;
  }

  /** The offset of the next row in the input. */
  get byteOffset(): number {
    return this.#offset + this.#at;
  }

  get carriedBytes(): number {
    return this.#carried.length;
  }

  /** Adds a chunk. Call it only after `more` has returned false. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  /** Ends the input. Adds a newline if the last row has none. */
  finish(): void {
    this.#nextTry = 0;
    this.#chunk = this.#carried.length > 0 ? LINE_END : NOTHING;
  }

  /** Drops the incomplete row. */
  drop(): void {
    this.#offset += this.#carried.take().length;
  }

  moveTo(at: number): void {
    this.#at = at;
    this.#nextTry = 0;
  }

  /**
   * Sets `bytes` to the next bytes of the chunk. Call it after all complete rows in `bytes` are read. A row is also
   * incomplete if the last newline of `bytes` is in a quoted field.
   *
   * @returns false if the chunk does not complete the row.
   */
  more(): boolean {
    const wasTried = this.#at < this.#end;
    const rest = this.#bytes.subarray(this.#at);
    if (rest.length > 0) this.#carried.append(rest);
    if (wasTried) this.#nextTry = 2 * this.#carried.length;
    this.#offset += this.#at;
    this.#use(NOTHING);
    this.#at = 0;
    this.#end = 0;
    return this.#carried.length === 0 ? this.#useChunk() : this.#completeRow();
  }

  #useChunk(): boolean {
    const chunk = this.#chunk;
    this.#chunk = NOTHING;
    this.#end = chunk.lastIndexOf(NEWLINE) + 1;
    if (this.#end > 0) this.#use(chunk);
    else this.#carried.append(chunk);
    return this.#end > 0;
  }

  #completeRow(): boolean {
    const chunk = this.#chunk;
    const newline = chunk.indexOf(NEWLINE, Math.max(0, this.#nextTry - this.#carried.length));
    const length = newline < 0 ? chunk.length : newline + 1;
    this.#carried.append(chunk.subarray(0, length));
    this.#chunk = chunk.subarray(length);
    if (newline < 0) return false;
    this.#use(this.#carried.take());
    this.#end = this.#bytes.length;
    return true;
  }

  #use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
