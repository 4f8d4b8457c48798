import { FormatError } from '../../base/errors.js';
import { requireRecord } from '../../base/requireBytes.js';
import { quote } from '../../base/showValue.js';
import { CSV_VALUE_READERS } from '../csv/csvValue.js';
import { scanDecimal, scanned } from '../csv/scanDecimal.js';
import { compressionOfText } from '../framing/lookOf.js';
import { skipMark } from '../table/rowSplitter.js';

const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const HASH = 0x23;
const COLON = 0x3a;
const QUERY_ID = 'qid:';
const CR_HINT = '; the lines end with CR, without LF: save the file with LF or CRLF line ends';

/** The tokens of a line, separated by ASCII white space, up to a `#`: `<label> qid:<id> <index>:<value> …`. */
export class LibsvmLine {
  readonly #bytes: Uint8Array;
  readonly #recordIndex: number;
  /** The current token, and the start of its value. */
  #start: number;
  #end: number;
  #valueAt = 0;

  constructor(line: string | Uint8Array, recordIndex: number) {
    if (typeof line !== 'string') requireRecord('decodeLibsvm', line, recordIndex);
    this.#bytes = typeof line === 'string' ? Buffer.from(line) : line;
    this.#recordIndex = recordIndex;
    this.#start = this.#end = skipMark(this.#bytes, 0);
  }

  /** Moves to the next token. Returns false at the end of the line. */
  next(): boolean {
    const bytes = this.#bytes;
    let at = this.#end;
    while (isSpace(bytes[at])) at++;
    this.#start = at;
    while (at < bytes.length && bytes[at] !== HASH && !isSpace(bytes[at])) at++;
    this.#end = at;
    return at > this.#start;
  }

  label(): number {
    const label = this.#numberAt(this.#start);
    if (label !== undefined) return label;
    const text = this.#textFrom(this.#start);
    const remedy = text.includes(',') ? ': lines with several labels are not supported' : '';
    return this.fail(`expected a number as the label, found ${quote(text)}${remedy}`);
  }

  isQueryId(): boolean {
    return this.#textFrom(this.#start, QUERY_ID.length) === QUERY_ID;
  }

  queryId(): bigint {
    const text = this.#textFrom(this.#start + QUERY_ID.length);
    const value = CSV_VALUE_READERS.int64(text, 'latin1') as bigint | undefined;
    return value ?? this.fail(`qid: expected an int64, found ${quote(text)}`);
  }

  /** Returns the digits of the current index, because `index` rounds large numbers. */
  indexText(): string {
    const digits = this.#textFrom(this.#start, this.#valueAt - 1 - this.#start);
    return digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
  }

  /** Reads the index of a feature. Call `value` next. */
  index(): number {
    const bytes = this.#bytes;
    let at = this.#start;
    let index = 0;
    for (; isDigit(bytes[at]); at++) index = index * 10 + (bytes[at] as number) - ZERO;
    if (at === this.#start || bytes[at] !== COLON) {
      this.fail(`expected <index>:<value>, found ${quote(this.#textFrom(this.#start))}`);
    }
    this.#valueAt = at + 1;
    return index;
  }

  value(): number {
    const value = this.#numberAt(this.#valueAt);
    if (value !== undefined) return value;
    return this.fail(`expected a number as the value of a feature, found ${quote(this.#textFrom(this.#start))}`);
  }

  fail(message: string): never {
    const look = compressionOfText(this.#bytes);
    const endsWithCr = !look && this.#hasInnerCarriageReturn();
    const hint = look ? `; the line looks like ${look.name}: ${look.remedy}` : endsWithCr ? CR_HINT : '';
    const position = { byteOffset: this.#start, recordIndex: this.#recordIndex };
    throw new FormatError(`${message}${hint}`, { kind: 'malformed', format: 'LIBSVM', ...position });
  }

  /** True if the lines of the file end with CR only, so that the whole file is one line. */
  #hasInnerCarriageReturn(): boolean {
    const at = this.#bytes.indexOf(CARRIAGE_RETURN);
    return at >= 0 && at < this.#bytes.length - 1;
  }

  #numberAt(at: number): number | undefined {
    if (scanDecimal(this.#bytes, at) === this.#end) return scanned[0];
    return CSV_VALUE_READERS.float64(this.#textFrom(at), 'latin1') as number | undefined;
  }

  #textFrom(start: number, maxLength = Infinity): string {
    const { buffer, byteOffset } = this.#bytes;
    const length = Math.max(0, Math.min(this.#end - start, maxLength));
    return Buffer.from(buffer, byteOffset + start, length).toString('latin1');
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;

const isSpace = (byte: number | undefined): boolean =>
  byte !== undefined && (byte === SPACE || (byte >= TAB && byte <= CARRIAGE_RETURN));
