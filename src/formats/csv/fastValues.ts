const ZERO = 0x30;
const ONE = 0x31;
const PLUS = 0x2b;
const MINUS = 0x2d;
const CASE_BIT = 0x20;
/** Integers with 15 digits are exact float64 numbers. */
const MAX_DIGITS = 15;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** Returns an integer of up to 15 digits. Returns `undefined` for any other text, even if it is a longer integer. */
export function shortIntegerOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  const first = bytes[start] as number;
  const digitsAt = first === MINUS || first === PLUS ? start + 1 : start;
  if (end <= digitsAt || end > digitsAt + MAX_DIGITS) return undefined;
  let value = 0;
  for (let at = digitsAt; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return first === MINUS ? -value : value;
}

/**
 * Returns 1 for `true` and `1`, and 0 for `false` and `0`. Returns `undefined` for other texts, which may also be
 * booleans.
 */
export function boolOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end === start + 1) {
    const byte = bytes[start];
    return byte === ONE ? 1 : byte === ZERO ? 0 : undefined;
  }
  if (end === start + TRUE.length && isWord(bytes, start, TRUE)) return 1;
  return end === start + FALSE.length && isWord(bytes, start, FALSE) ? 0 : undefined;
}

function isWord(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let at = 0; at < word.length; at++) if (((bytes[start + at] as number) | CASE_BIT) !== word[at]) return false;
  return true;
}
