import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { FormatError, type FormatErrorKind } from '../../base/errors.js';
import { callback, parseOptions } from '../../base/parseOptions.js';
import type { RecordSpan } from '../../base/recordSpan.js';
import { FILE_START, readerPositionSchema, type ReaderPosition } from '../../base/readerPosition.js';
import { requireBytes } from '../../base/requireBytes.js';
import { ChunkWindow } from '../framing/chunkWindow.js';
import { maskedCrc32c, maskedCrc32cOfEightBytes } from '../crc32c/crc32c.js';
import { HINT_BYTES, lookHint, lostHint } from '../framing/lookOf.js';
import { maxRecordBytesSchema, tooLargeMessage } from '../framing/recordLimits.js';
import type { RecordReader } from '../framing/recordReader.js';
import { FOOTER_BYTES, HEADER_BYTES, LENGTH_BYTES } from './tfRecordLayout.js';
import { verifyTFRecords } from './tfRecordRun.js';

/** Options of {@link TFRecordReader}. */
export interface TFRecordReaderOptions {
  /** The maximum size of a record's data in bytes. Default: 256 MiB. */
  readonly maxRecordBytes?: number | undefined;
  /**
   * Called if the checksum of a record's data is wrong. `bytes` is the record's size with header and footer. If the
   * function returns, the record is skipped. If it throws, `read()` throws the exception. Default: `read()` throws the
   * error.
   */
  readonly onBadRecord?: ((error: FormatError, bytes: number) => void) | undefined;
}

export const tfRecordOptionsSchema = lazy(() => z.strictObject({ maxRecordBytes: maxRecordBytesSchema() }));

const optionsSchema = lazy(() =>
  tfRecordOptionsSchema().extend({
    onBadRecord: callback<(error: FormatError, bytes: number) => void>().optional(),
  }),
);

const FORMAT = 'TFRecord';

/** The stored checksums are signed, like the computed ones. */
interface Checksums {
  readonly stored: number;
  readonly computed: number;
}

function hex(checksum: number): string {
  return `0x${(checksum >>> 0).toString(16).padStart(8, '0')}`;
}

/** Like `reader.read()`, but creates no view: if there is a record, sets `span` and returns true. */
export let readTFRecordSpan: (reader: TFRecordReader, span: RecordSpan) => boolean;

/** See `room` of {@link ChunkWindow}. */
export let tfRecordRoom: (reader: TFRecordReader, byteLength: number) => Uint8Array | undefined;

/**
 * Splits bytes into TFRecord records, and verifies both checksums of each record. The input must be uncompressed.
 *
 * Records are views or copies as in {@link RecordReader}.
 *
 * `read()` throws a FormatError: `checksum` if a checksum is wrong, and `tooLarge` if a record exceeds the limit.
 * `end()` throws a FormatError `truncated` if the input ends inside a record.
 *
 * @throws ConfigError if an option is invalid.
 */
export class TFRecordReader implements RecordReader {
  static {
    readTFRecordSpan = (reader, span) => {
      const length = reader.#advance();
      if (length >= 0) reader.#window.setSpan(span, -FOOTER_BYTES - length, length);
      return length >= 0;
    };
    tfRecordRoom = (reader, byteLength) => reader.#window.room(byteLength);
  }

  readonly #maxRecordBytes: number;
  readonly #onBadRecord: ((error: FormatError, bytes: number) => void) | undefined;
  readonly #window = new ChunkWindow();
  #recordIndex = 0;
  #runEnd = 0;
  #isRunSound = false;

  /** @param start - the first record's position in the file, for errors. */
  constructor(options: TFRecordReaderOptions = {}, start: ReaderPosition = FILE_START) {
    const { maxRecordBytes, onBadRecord } = parseOptions('TFRecordReader', optionsSchema(), options);
    this.#maxRecordBytes = maxRecordBytes;
    this.#onBadRecord = onBadRecord;
    const { byteOffset, recordIndex } = parseOptions('TFRecordReader: start', readerPositionSchema(), start);
    this.#window.beginAt(byteOffset);
    this.#recordIndex = recordIndex;
  }

  /** A new reader with this `start` continues at the next record. */
  get position(): ReaderPosition {
    return { byteOffset: this.#window.byteOffset, recordIndex: this.#recordIndex };
  }

  push(chunk: Uint8Array): void {
    requireBytes('TFRecordReader.push', chunk);
    this.#window.push(chunk);
  }

  read(): Uint8Array | undefined {
    const length = this.#advance();
    return length < 0 ? undefined : this.#window.slice(-FOOTER_BYTES - length, length);
  }

  end(): undefined {
    const remaining = this.#window.end();
    if (remaining === 0) return;
    const hint = remaining < HEADER_BYTES ? lookHint(this.#window.peek(HINT_BYTES), FORMAT) : '';
    throw this.#error('truncated', `the input ends ${remaining} bytes after the start of a record${hint}`);
  }

  /** Moves to the end of the next record. Returns the length of the record's data, or -1 if there is no record. */
  #advance(): number {
    const window = this.#window;
    while (window.has(HEADER_BYTES)) {
      if (window.byteOffset >= this.#runEnd) this.#startRun();
      const length = this.#isRunSound ? window.view.getInt32(window.position, true) : this.#readLength();
      const frameBytes = HEADER_BYTES + length + FOOTER_BYTES;
      if (!window.has(frameBytes)) return -1;
      const isSound = this.#isRunSound || this.#checkData(length);
      window.position += frameBytes;
      this.#recordIndex++;
      if (isSound) return length;
    }
    return -1;
  }

  /**
   * Verifies the next run of records. If a checksum is wrong, `read` verifies each record of the run to find the bad
   * one.
   */
  #startRun(): void {
    const { view, position, limit, byteOffset } = this.#window;
    const { end, isSound } = verifyTFRecords(view, position, limit, this.#maxRecordBytes);
    this.#runEnd = byteOffset + end - position;
    this.#isRunSound = isSound;
  }

  #readLength(): number {
    const { view, position } = this.#window;
    const computed = maskedCrc32cOfEightBytes(view, position);
    const stored = view.getInt32(position + LENGTH_BYTES, true);
    if (computed !== stored) {
      const hint = lostHint(this.#window.peek(HINT_BYTES), FORMAT, this.#recordIndex);
      throw this.#wrongChecksum('the checksum of the length is wrong', { stored, computed }, hint);
    }
    const length = view.getInt32(position, true);
    const isBeyondInt32 = length < 0 || view.getInt32(position + 4, true) !== 0;
    if (isBeyondInt32 || length > this.#maxRecordBytes) {
      const found = `a record of ${view.getBigUint64(position, true).toString()} bytes`;
      throw this.#error('tooLarge', tooLargeMessage(found, this.#maxRecordBytes));
    }
    return length;
  }

  /** Returns true if the data's checksum is correct. Otherwise, throws, or calls `onBadRecord` and returns false. */
  #checkData(length: number): boolean {
    const { view, position } = this.#window;
    const start = position + HEADER_BYTES;
    const computed = maskedCrc32c(view, start, start + length);
    const stored = view.getInt32(start + length, true);
    if (computed === stored) return true;
    const error = this.#wrongChecksum(`the checksum of ${length} bytes of data is wrong`, { stored, computed });
    if (!this.#onBadRecord) throw error;
    this.#onBadRecord(error, HEADER_BYTES + length + FOOTER_BYTES);
    return false;
  }

  #wrongChecksum(what: string, { stored, computed }: Checksums, hint = ''): FormatError {
    return this.#error('checksum', `${what}: stored ${hex(stored)}, computed ${hex(computed)}${hint}`);
  }

  #error(kind: FormatErrorKind, message: string): FormatError {
    const { byteOffset } = this.#window;
    return new FormatError(message, { kind, format: FORMAT, byteOffset, recordIndex: this.#recordIndex });
  }
}
