const QUOTE = 0x22;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** How fields are separated. */
export interface RowRules {
  /** The byte between two fields. */
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

/**
 * Returns the position behind the closing quote, or -1 if there is none before `end`.
 *
 * @param start - the position of the opening quote.
 */
export function skipQuoted(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] !== QUOTE) return at + 1;
    at++;
  }
  return -1;
}

/** Returns the position of the delimiter or line end after an unquoted field. A line end must follow. */
export function skipPlain(bytes: Uint8Array, start: number, delimiter: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === delimiter || byte === NEWLINE) return at;
    if (byte === CARRIAGE_RETURN && bytes[at + 1] === NEWLINE) return at;
    at++;
  }
}

/**
 * Splits one row. The bytes before `end` must end with a newline.
 *
 * @returns the fields and the position behind the row, or `undefined` if a quoted field has no end.
 */
export function splitRow(
  bytes: Uint8Array,
  start: number,
  end: number,
  { delimiter, quotes }: RowRules,
): { readonly fields: readonly FieldSpan[]; readonly next: number } | undefined {
  const fields: FieldSpan[] = [];
  let at = start;
  for (;;) {
    const fieldAt = at;
    const opens = quotes && bytes[at] === QUOTE;
    const close = opens ? skipQuoted(bytes, at, end) : at;
    if (close < 0) return undefined;
    at = skipPlain(bytes, close, delimiter);
    // Text after the closing quote makes the quotes a part of the text.
    const isQuoted = opens && at === close;
    fields.push(isQuoted ? { start: fieldAt + 1, end: at - 1, isQuoted } : { start: fieldAt, end: at, isQuoted });
    if (bytes[at] !== delimiter) return { fields, next: at + (bytes[at] === CARRIAGE_RETURN ? 2 : 1) };
    at++;
  }
}

/** Returns the position behind a byte order mark, which begins each file of a joined channel. */
export function skipMark(bytes: Uint8Array, at: number): number {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf ? at + 3 : at;
}

export function countNewlines(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (bytes[at] === NEWLINE) count++;
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
