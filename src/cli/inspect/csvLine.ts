import { dtypesOf, EMPTY, STRING } from './csvField.js';

const QUOTE = 0x22;

/** The dtype of an empty field is `EMPTY`. */
export interface LineColumns {
  count: number;
  readonly dtypes: number[];
}

/**
 * Splits a line as `decodeCsv` does, and finds the dtypes of the fields. For speed, reads bytes, reuses `line`, and finds
 * no dtypes of columns for which `isText` returns true.
 *
 * @returns true if the line is CSV.
 */
export function readCsvLine(
  bytes: Uint8Array,
  delimiter: number,
  { line, isText }: { readonly line: LineColumns; readonly isText: (column: number) => boolean },
): boolean {
  line.count = 0;
  const end = bytes.length;
  for (let at = 0; at <= end; at++) {
    const isQuoted = bytes[at] === QUOTE;
    const start = isQuoted ? at + 1 : at;
    const stop = isQuoted ? endOfQuoted(bytes, start, delimiter) : endOfPlain(bytes, start, delimiter);
    if (stop < 0) return false;
    const column = line.count++;
    if (stop === start) line.dtypes[column] = EMPTY;
    else line.dtypes[column] = isText(column) ? STRING : dtypesOf(bytes, start, stop);
    at = isQuoted ? stop + 1 : stop;
  }
  return true;
}

/** Returns -1 if the field contains a quote or a carriage return. */
function endOfPlain(bytes: Uint8Array, start: number, delimiter: number): number {
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === delimiter) return at;
    if (byte === QUOTE || byte === 0x0d) return -1;
  }
  return at;
}

/** Returns -1 if the closing quote is missing or is not at the end of the field. */
function endOfQuoted(bytes: Uint8Array, start: number, delimiter: number): number {
  for (let at = bytes.indexOf(QUOTE, start); at >= 0; at = bytes.indexOf(QUOTE, at + 2)) {
    if (at === bytes.length - 1 || bytes[at + 1] === delimiter) return at;
    if (bytes[at + 1] !== QUOTE) return -1;
  }
  return -1;
}
