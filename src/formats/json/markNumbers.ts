import { randomUUID } from 'node:crypto';
import { endOfString } from '../../base/jsonTokens.js';

/** Data cannot contain this text, because it is random. */
const MARK = randomUUID();

/** Integers that a float64 may round, and the words that Python writes for numbers that are not finite. */
const NUMBERS = /(?<![\w.+-])(?:-?[1-9]\d{15,}(?![\d.eE]|\s*:)|(?:NaN|-?Infinity)(?!\w|\s*:))/g;

/** Makes marked strings of the numbers that `JSON.parse` rounds or refuses. The text need not be JSON. */
export function markNumbers(text: string): string {
  let marked = '';
  let at = 0;
  while (at < text.length) {
    const found = text.indexOf('"', at);
    const start = found < 0 ? text.length : found;
    marked += text.slice(at, start).replace(NUMBERS, `"${MARK}$&"`);
    // `endOfString` returns 0 if the closing quote is missing.
    at = endOfString(text, start) || text.length;
    marked += text.slice(start, at);
  }
  return marked;
}

/** Returns the text of a marked number. */
export function markedNumber(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : undefined;
}
