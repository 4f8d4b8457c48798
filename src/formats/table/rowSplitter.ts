import { fourOf, hasByte } from '../csv/byteGroups.js';

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const FOUR_QUOTES = fourOf(QUOTE);
const FOUR_NEWLINES = fourOf(NEWLINE);

export interface RowRules {
  readonly delimiter: number;
  /** If false, a quote is an ordinary byte. */
  readonly quotes: boolean;
}

/** The bytes from which rows are read. */
export interface RowBytes {
  readonly bytes: Uint8Array;
  /** The memory of `bytes`. */
  readonly view: DataView;
  /** The position after the last newline in `bytes`. */
  readonly end: number;
}

/** The content of a field, without the outer quotes. */
export interface FieldSpan {
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

export interface QuotedContent {
  /** The number of line ends in all quoted fields of a row. The caller sets it to 0 before each row. */
  newlines: number;
  /** The number of doubled quotes in the last quoted field. */
  doubledQuotes: number;
}

/**
 * Returns the position after the closing quote, or -1 if there is no closing quote before `end`.
 *
 * @param start - the position of the opening quote.
 */
export function skipQuoted(view: DataView, start: number, end: number, content: QuotedContent): number {
  let doubledQuotes = 0;
  let position = start + 1;
  for (;;) {
    while (position + 4 <= end && !hasQuoteOrNewline(view.getInt32(position))) position += 4;
    if (position >= end) return -1;
    const byte = view.getUint8(position++);
    if (byte === NEWLINE) content.newlines++;
    if (byte !== QUOTE) continue;
    if (view.getUint8(position) !== QUOTE) {
      content.doubledQuotes = doubledQuotes;
      return position;
    }
    position++;
    doubledQuotes++;
  }
}

const hasQuoteOrNewline = (group: number): boolean => hasByte(group, FOUR_QUOTES) || hasByte(group, FOUR_NEWLINES);

/** Returns the position of the delimiter or line end after an unquoted field. The row must have a line end. */
export function skipPlain(view: DataView, start: number, delimiter: number): number {
  const delimiters = fourOf(delimiter);
  const lastGroup = view.byteLength - 4;
  let position = start;
  for (; position <= lastGroup; position += 4) {
    const group = view.getInt32(position);
    if (hasByte(group, delimiters) || hasByte(group, FOUR_NEWLINES)) break;
  }
  for (;;) {
    const byte = view.getUint8(position);
    if (byte === delimiter) return position;
    if (byte === NEWLINE) {
      const isCrLf = position > start && view.getUint8(position - 1) === CARRIAGE_RETURN;
      return isCrLf ? position - 1 : position;
    }
    position++;
  }
}

/**
 * Splits one row. The bytes before `end` must end with a newline.
 *
 * @returns the fields and the position of the next row, or `undefined` if a quoted field has no end.
 */
export function splitRow(
  bytes: Uint8Array,
  start: number,
  end: number,
  { delimiter, quotes }: RowRules,
): { readonly fields: readonly FieldSpan[]; readonly next: number } | undefined {
  const fields: FieldSpan[] = [];
  const content = { newlines: 0, doubledQuotes: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let fieldStart = start;
  for (;;) {
    const hasQuote = quotes && bytes[fieldStart] === QUOTE;
    const quotedEnd = hasQuote ? skipQuoted(view, fieldStart, end, content) : fieldStart;
    if (quotedEnd < 0) return undefined;
    const fieldEnd = skipPlain(view, quotedEnd, delimiter);
    // Text after the closing quote makes the quotes a part of the text.
    const isQuoted = hasQuote && fieldEnd === quotedEnd;
    const outer = isQuoted ? 1 : 0;
    fields.push({ start: fieldStart + outer, end: fieldEnd - outer, isQuoted });
    const byte = bytes[fieldEnd];
    if (byte !== delimiter) return { fields, next: fieldEnd + (byte === CARRIAGE_RETURN ? 2 : 1) };
    fieldStart = fieldEnd + 1;
  }
}

/** Skips a byte order mark. If a channel joins files, each of them can begin with such a mark. */
export function skipMark(bytes: Uint8Array, start: number): number {
  const hasMark = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
  return hasMark ? start + 3 : start;
}

export function countNewlines(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let position = start; position < end; position++) if (bytes[position] === NEWLINE) count++;
  return count;
}

/** Returns the text of a field, with one character for each byte. */
export function textOf(bytes: Uint8Array, { start, end, isQuoted }: FieldSpan): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return isQuoted ? text.replaceAll('""', '"') : text;
}

/** Decodes UTF-8. Each character of `text` is one byte. */
export function utf8Of(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
