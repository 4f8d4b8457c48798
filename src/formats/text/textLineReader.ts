import { isUtf8 } from 'node:buffer';
import { FormatError, type FormatErrorKind } from '../../base/errors.js';
import { placeOf, rememberCopy, rememberLines } from '../../base/origins.js';
import { parseOptions } from '../../base/parseOptions.js';
import { FILE_START, readerPositionSchema, type ReaderPosition } from '../../base/readerPosition.js';
import { requireBytes } from '../../base/requireBytes.js';
import { ByteBuilder } from '../framing/byteBuilder.js';
import { compressionOfText } from '../framing/lookOf.js';
import { tooLargeMessage } from '../framing/recordLimits.js';
import type { RecordReader } from '../framing/recordReader.js';
import {
  textLineOptionsSchema,
  type CarriageReturns,
  type TextEncoding,
  type TextLine,
  type TextLineReaderOptions,
} from './textLineOptions.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NOTHING = Buffer.alloc(0);

/**
 * Splits bytes into lines without their `\n`. The last line needs no `\n`. Returns empty lines, too.
 *
 * Lines of bytes are views or copies as in {@link RecordReader}. Line numbers in errors count skipped lines, too.
 *
 * `read()` and `end()` throw a FormatError: `tooLarge` if a line exceeds the limit, and `malformed` if the input is
 * compressed or, with `encoding: 'utf8'`, if a line is not valid UTF-8.
 *
 * @throws ConfigError if an option is invalid.
 */
export class TextLineReader<O extends TextLineReaderOptions = TextLineReaderOptions> implements RecordReader<
  TextLine<O>
> {
  readonly #encoding: TextEncoding | undefined;
  readonly #carriageReturns: CarriageReturns;
  readonly #skipLines: number;
  readonly #maxRecordBytes: number;
  readonly #dropsReturn: boolean;
  readonly #isUnchanged: boolean;
  #chunk: Buffer = NOTHING;
  #memory: ArrayBufferLike = NOTHING.buffer;
  #memoryOffset = 0;
  #position = 0;
  /** From `#position` to this index, the chunk has no newline. */
  #searched = 0;
  #chunkOffset = 0;
  readonly #carried: ByteBuilder;
  #isCarried = false;
  #lineOffset = 0;
  #recordIndex = 0;

  /** @param start - the first line's position in the file, for errors and `skipLines`. */
  constructor(options?: O, start: ReaderPosition = FILE_START) {
    const parsed = parseOptions('TextLineReader', textLineOptionsSchema(), options ?? {});
    this.#encoding = parsed.encoding;
    this.#carriageReturns = parsed.carriageReturns;
    this.#skipLines = parsed.skipLines;
    this.#maxRecordBytes = parsed.maxRecordBytes;
    this.#dropsReturn = parsed.carriageReturns === 'beforeNewline';
    this.#isUnchanged = parsed.encoding === undefined && parsed.carriageReturns !== 'all';
    this.#carried = new ByteBuilder(parsed.maxRecordBytes);
    const { byteOffset, recordIndex } = parseOptions('TextLineReader: start', readerPositionSchema(), start);
    this.#chunkOffset = byteOffset;
    this.#recordIndex = recordIndex;
  }

  /** A new reader with this `start` continues at the next line. */
  get position(): ReaderPosition {
    const byteOffset = this.#isCarried ? this.#lineOffset : this.#chunkOffset + this.#position;
    return { byteOffset, recordIndex: this.#recordIndex };
  }

  push(chunk: Uint8Array): void {
    requireBytes('TextLineReader.push', chunk);
    this.#checkAllRead();
    rememberLines(chunk, this.#recordIndex);
    const isAdjacent = chunk.buffer === this.#memory && chunk.byteOffset === this.#memoryOffset + this.#chunk.length;
    if (!isAdjacent) this.#carryRest();
    const rest = this.#chunk.length - this.#position;
    this.#chunkOffset += this.#position;
    this.#memory = chunk.buffer;
    this.#memoryOffset = chunk.byteOffset - rest;
    this.#chunk = Buffer.from(chunk.buffer, this.#memoryOffset, rest + chunk.length);
    this.#position = 0;
    this.#searched = rest;
  }

  read(): TextLine<O> | undefined {
    while (this.#recordIndex < this.#skipLines) {
      if (this.#readLine() === undefined) return undefined;
    }
    return this.#readLine();
  }

  #readLine(): TextLine<O> | undefined {
    const chunk = this.#chunk;
    const start = this.#position;
    const newline = chunk.indexOf(NEWLINE, this.#searched);
    const end = newline < 0 ? chunk.length : newline;
    if (this.#carried.length + end - start > this.#maxRecordBytes) throw this.#tooLarge();
    if (newline < 0) {
      this.#searched = end;
      return undefined;
    }
    const line = this.#isCarried ? this.#completeLine(end) : this.#lineInChunk(start, end);
    if (this.#recordIndex === 0) this.#checkText(line);
    const result = this.#isUnchanged ? (line as TextLine<O>) : this.#decode(line);
    this.#isCarried = false;
    this.#position = newline + 1;
    this.#searched = newline + 1;
    this.#recordIndex++;
    return result;
  }

  end(): TextLine<O> | undefined {
    this.#checkAllRead();
    this.#carryRest();
    if (!this.#isCarried) return undefined;
    // No newline follows, so `beforeNewline` keeps a final carriage return.
    const line = this.#carried.take(this.#recordIndex + 1);
    if (this.#recordIndex === 0) this.#checkText(line);
    const result = this.#decode(line);
    return this.#recordIndex < this.#skipLines ? undefined : result;
  }

  #checkText(firstLine: Uint8Array): void {
    const found = compressionOfText(firstLine);
    if (!found) return;
    throw this.#error('malformed', `expected text, found ${found.name} (compressed): ${found.remedy}`);
  }

  #checkAllRead(): void {
    const unread = this.#chunk.length - this.#searched;
    if (unread > 0)
      throw new RangeError(
        `push() was called, but ${unread} bytes of the previous chunk are ` +
          'unread: call read() until it returns undefined',
      );
  }

  /** Copies the start of a line that continues in different memory. */
  #carryRest(): void {
    const rest = this.#chunk.subarray(this.#position);
    if (rest.length === 0) return;
    if (!this.#isCarried) this.#lineOffset = this.#chunkOffset + this.#position;
    this.#isCarried = true;
    this.#carried.append(rest);
    this.#position += rest.length;
  }

  #completeLine(end: number): Uint8Array {
    this.#carried.append(this.#chunk.subarray(this.#position, end));
    const bytes = this.#carried.take(this.#recordIndex + 1);
    return bytes.subarray(0, this.#withoutReturn(bytes, 0, bytes.length));
  }

  #lineInChunk(start: number, end: number): Uint8Array {
    const length = this.#withoutReturn(this.#chunk, start, end) - start;
    return new Uint8Array(this.#memory, this.#memoryOffset + start, length);
  }

  #withoutReturn(bytes: Uint8Array, start: number, end: number): number {
    return this.#dropsReturn && end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
  }

  #decode(bytes: Uint8Array): TextLine<O> {
    const line = this.#carriageReturns === 'all' ? this.#withoutReturns(bytes) : bytes;
    if (this.#encoding === undefined) return line as TextLine<O>;
    if (!isUtf8(line))
      throw this.#error(
        'malformed',
        'the line is not valid UTF-8: to read lines as bytes, remove the option "encoding"',
      );
    return Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8') as TextLine<O>;
  }

  #withoutReturns(line: Uint8Array): Uint8Array {
    const at = line.indexOf(CARRIAGE_RETURN);
    if (at < 0) return line;
    if (at === line.length - 1) return line.subarray(0, at);
    const copy = line.filter((byte) => byte !== CARRIAGE_RETURN);
    const place = placeOf(line);
    if (place) rememberCopy(copy, { ...place, lineNumber: this.#recordIndex + 1 });
    return copy;
  }

  #tooLarge(): FormatError {
    return this.#error('tooLarge', tooLargeMessage('a line', this.#maxRecordBytes));
  }

  #error(kind: FormatErrorKind, message: string): FormatError {
    return new FormatError(message, { kind, format: 'TextLine', ...this.position });
  }
}
