const QUOTE = 0x22;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface RowRules {
  readonly delimiter: number;
  /** If false, a quote is an ordinary byte. */
  readonly quotes: boolean;
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
 * Returns the position after the closing quote, or -1 if there is none before `end`.
 *
 * @param start - the position of the opening quote.
 */
export function skipQuoted(bytes: Uint8Array, start: number, end: number, content: QuotedContent): number {
  let doubledQuotes = 0;
  for (let position = start + 1; position < end; position++) {
    const byte = bytes[position];
    if (byte === NEWLINE) content.newlines++;
    if (byte !== QUOTE) continue;
    position++;
    if (bytes[position] !== QUOTE) {
      content.doubledQuotes = doubledQuotes;
      return position;
    }
    doubledQuotes++;
  }
  return -1;
}

/** Returns the position of the delimiter or line end after an unquoted field. A line end must follow. */
export function skipPlain(bytes: Uint8Array, start: number, delimiter: number): number {
  let position = start;
  for (;;) {
    const byte = bytes[position] as number;
    if (byte === delimiter || byte === NEWLINE) return position;
    if (byte === CARRIAGE_RETURN && bytes[position + 1] === NEWLINE) return position;
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
  let fieldStart = start;
  for (;;) {
    const hasQuote = quotes && bytes[fieldStart] === QUOTE;
    const quotedEnd = hasQuote ? skipQuoted(bytes, fieldStart, end, content) : fieldStart;
    if (quotedEnd < 0) return undefined;
    const fieldEnd = skipPlain(bytes, quotedEnd, delimiter);
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

/** Decodes the UTF-8 of a text with one character for each byte. */
export function utf8Of(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
