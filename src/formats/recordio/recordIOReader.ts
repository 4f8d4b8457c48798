import { FormatError, type FormatErrorKind } from '../../base/errors.js';
import { parseOptions } from '../../base/parseOptions.js';
import { FILE_START, readerPositionSchema, type ReaderPosition } from '../../base/readerPosition.js';
import { requireBytes } from '../../base/requireBytes.js';
import { ByteBuilder } from '../framing/byteBuilder.js';
import { ChunkWindow } from '../framing/chunkWindow.js';
import {
  FIRST,
  PART_HEADER_BYTES,
  LAST,
  LENGTH_BITS,
  MAGIC,
  MAGIC_BYTES,
  MAX_PART_BYTES,
  MIDDLE,
  padded,
  partName,
  SIGNED_MAGIC,
  WHOLE,
} from './recordIOLayout.js';
import { HINT_BYTES, lookHint, lostHint } from '../framing/lookOf.js';
import { tooLargeMessage } from '../framing/recordLimits.js';
import { type RecordIOMultipart, type RecordIOReaderOptions, recordIOOptionsSchema } from './recordIOOptions.js';
import { RecordIOScanner, type Lost } from './recordIOScanner.js';
import type { RecordReader } from '../framing/recordReader.js';

const FORMAT = 'RecordIO';

/** See `room` of {@link ChunkWindow}. */
export let recordIORoom: (reader: RecordIOReader, byteLength: number) => Uint8Array | undefined;

/**
 * Splits bytes into RecordIO records.
 *
 * A record of several parts is a copy. Other records are views or copies as in {@link RecordReader}.
 *
 * `read()` throws a FormatError: `malformed` if a magic word is wrong or a part is out of order, and `tooLarge` if a
 * record exceeds the limit. Checks the limit before it allocates memory. `end()` throws a FormatError `truncated` if
 * the input ends inside a record. With `onResync`, if no valid header follows bad bytes, `end()` throws the error of
 * these bytes. Padding bytes are not checked.
 *
 * @throws ConfigError if an option is invalid.
 * @see https://github.com/dmlc/dmlc-core/blob/main/include/dmlc/recordio.h
 */
export class RecordIOReader implements RecordReader {
  static {
    recordIORoom = (reader, byteLength) => reader.#window.room(byteLength);
  }

  readonly #multipart: RecordIOMultipart;
  readonly #maxRecordBytes: number;
  #onMultipart: (() => void) | undefined;
  readonly #window = new ChunkWindow();
  #recordIndex = 0;
  #partCount = 0;
  readonly #joined: ByteBuilder;
  #recordOffset = 0;
  readonly #onResync: ((error: FormatError, skippedBytes: number) => void) | undefined;
  #lost: Lost | undefined;
  /** The second word of a found header, until its part is read. */
  #foundWord: number | undefined;

  /** @param start - the first record's position in the file, for errors. */
  constructor(options: RecordIOReaderOptions = {}, start: ReaderPosition = FILE_START) {
    const parsed = parseOptions('RecordIOReader', recordIOOptionsSchema(), options);
    this.#multipart = parsed.multipart;
    this.#maxRecordBytes = parsed.maxRecordBytes;
    this.#joined = new ByteBuilder(parsed.maxRecordBytes);
    this.#onMultipart = parsed.onMultipart;
    this.#onResync = parsed.onResync;
    const { byteOffset, recordIndex } = parseOptions('RecordIOReader: start', readerPositionSchema(), start);
    this.#window.beginAt(byteOffset);
    this.#recordIndex = recordIndex;
  }

  /** Where a new reader can start: at the incomplete record, or else at the next record. */
  get position(): ReaderPosition {
    const byteOffset = this.#partCount > 0 ? this.#recordOffset : this.#headerOffset;
    return { byteOffset, recordIndex: this.#recordIndex };
  }

  push(chunk: Uint8Array): void {
    requireBytes('RecordIOReader.push', chunk);
    this.#window.push(chunk);
  }

  read(): Uint8Array | undefined {
    const window = this.#window;
    const length = this.#isBetweenRecords() && window.has(PART_HEADER_BYTES) ? this.#wholeLength() : -1;
    // The fast path. `#readAny` reads all other records.
    if (length < 0) return this.#readAny();
    const partBytes = PART_HEADER_BYTES + padded(length);
    if (!window.has(partBytes)) return undefined;
    const record = window.slice(PART_HEADER_BYTES, length);
    window.position += partBytes;
    this.#recordIndex++;
    return record;
  }

  #readAny(): Uint8Array | undefined {
    for (;;) {
      if (this.#lost && !this.#resync(this.#lost)) return undefined;
      try {
        return this.#readRecord();
      } catch (error) {
        if (!this.#onResync || !(error instanceof FormatError)) throw error;
        this.#lost = { error, scanner: new RecordIOScanner() };
        this.#partCount = 0;
        this.#joined.take();
      }
    }
  }

  end(): undefined {
    const remaining = this.#window.byteOffset - this.#headerOffset + this.#window.end();
    if (this.#lost) throw this.#lost.error;
    if (this.#partCount > 0) {
      throw this.#error('truncated', `the input ends after part ${this.#partCount} of a multi-part record`);
    }
    if (remaining === 0) return;
    const hint = remaining < PART_HEADER_BYTES ? lookHint(this.#window.peek(HINT_BYTES), FORMAT) : '';
    throw this.#error('truncated', `the input ends ${remaining} bytes after the start of a record${hint}`);
  }

  #isBetweenRecords(): boolean {
    return this.#partCount === 0 && this.#foundWord === undefined && this.#lost === undefined;
  }

  /** Returns the length of a valid record of one part, or -1. */
  #wholeLength(): number {
    const { view, position } = this.#window;
    const length = view.getInt32(position + 4, true);
    const isWhole = view.getInt32(position, true) === SIGNED_MAGIC && length <= MAX_PART_BYTES;
    return isWhole && length <= this.#maxRecordBytes ? length : -1;
  }

  #readRecord(): Uint8Array | undefined {
    const window = this.#window;
    while (this.#foundWord !== undefined || window.has(PART_HEADER_BYTES)) {
      const headerBytes = this.#foundWord === undefined ? PART_HEADER_BYTES : 0;
      const word = this.#foundWord ?? this.#readHeader();
      const length = word & MAX_PART_BYTES;
      const partBytes = headerBytes + padded(length);
      if (!window.has(partBytes)) return undefined;
      const payload = window.slice(headerBytes, length);
      const record = word >>> LENGTH_BITS === WHOLE ? payload : this.#joinPart(word >>> LENGTH_BITS, payload);
      window.position += partBytes;
      this.#foundWord = undefined;
      if (record !== undefined) {
        this.#recordIndex++;
        return record;
      }
    }
    return undefined;
  }

  #readHeader(): number {
    const { view, position } = this.#window;
    const magic = view.getUint32(position, true);
    if (magic !== MAGIC) throw this.#wrongMagic(magic);
    const word = view.getUint32(position + 4, true);
    const cflag = word >>> LENGTH_BITS;
    if (cflag !== WHOLE || this.#partCount > 0) this.#checkTurn(cflag);
    const recordBytes = this.#joined.length + (word & MAX_PART_BYTES);
    if (recordBytes > this.#maxRecordBytes) {
      throw this.#error('tooLarge', tooLargeMessage(`a record of ${recordBytes} bytes`, this.#maxRecordBytes));
    }
    return word;
  }

  #resync({ error, scanner }: Lost): boolean {
    this.#foundWord = scanner.find(this.#window, this.#maxRecordBytes);
    if (this.#foundWord === undefined) return false;
    this.#lost = undefined;
    this.#recordIndex++;
    this.#onResync?.(error, this.#headerOffset - error.byteOffset);
    return true;
  }

  get #headerOffset(): number {
    return this.#window.byteOffset - (this.#foundWord === undefined ? 0 : PART_HEADER_BYTES);
  }

  #checkTurn(cflag: number): void {
    const inside = this.#partCount > 0;
    if (inside ? cflag === MIDDLE || cflag === LAST : cflag === WHOLE || cflag === FIRST) return;
    const found = partName(cflag);
    const expected = inside ? 'a middle or last part' : 'a whole record or a first part';
    throw this.#error('malformed', `expected ${expected}, found ${found} at byte ${this.#window.byteOffset}`);
  }

  #joinPart(cflag: number, payload: Uint8Array): Uint8Array | undefined {
    this.#onMultipart?.();
    this.#onMultipart = undefined;
    if (cflag === FIRST) this.#recordOffset = this.#headerOffset;
    this.#joined.append(payload);
    if (cflag !== LAST) {
      // The separator is added only if a further part must follow, because it counts towards the limit.
      if (this.#multipart === 'dmlc') this.#joined.append(MAGIC_BYTES);
      this.#partCount++;
      return undefined;
    }
    this.#partCount = 0;
    return this.#joined.take();
  }

  #wrongMagic(found: number): FormatError {
    const hex = (word: number) => `0x${word.toString(16).padStart(8, '0')}`;
    const hint = lostHint(this.#window.peek(HINT_BYTES), FORMAT, this.#recordIndex);
    const at = this.#partCount > 0 ? ` at byte ${this.#window.byteOffset}` : '';
    return this.#error('malformed', `expected the magic word ${hex(MAGIC)}, found ${hex(found)}${at}${hint}`);
  }

  #error(kind: FormatErrorKind, message: string): FormatError {
    return new FormatError(message, { kind, format: FORMAT, ...this.position });
  }
}
