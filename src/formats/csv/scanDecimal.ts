import { joinParts, PART_DIGITS, scaleInteger } from './decimal.js';

const ZERO = 0x30;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const EXPONENT = 0x45;
const CASE_BIT = 0x20;
const MAX_EXPONENT_DIGITS = 4;

export const scanned = new Float64Array(1);

/**
 * Reads a decimal number of any length, and writes it to {@link scanned}.
 *
 * @param at - the position of the first byte of the number. A byte that is not a digit must follow the number.
 * @returns the position after the number. -1 if the text is not a number, or if its float64 cannot be computed exactly.
 */
export function scanDecimal(bytes: Uint8Array, at: number): number {
  let position = at;
  const first = bytes[position] as number;
  if (first === MINUS || first === PLUS) position++;
  const start = position;
  let pointAt = -1;
  let high = 0;
  let low = 0;
  let used = 0;
  let dropped = 0;
  let isInexact = false;
  for (; ; position++) {
    const byte = bytes[position] as number;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      // Zeros at the start are not among the 18 digits that count.
      if (used === 0 && digit === 0) continue;
      if (used < PART_DIGITS) high = high * 10 + digit;
      else if (used < 2 * PART_DIGITS) low = low * 10 + digit;
      else {
        dropped++;
        isInexact ||= digit > 0;
      }
      used++;
    } else if (byte === POINT && pointAt < 0) pointAt = position;
    else break;
  }
  if (position - start === (pointAt < 0 ? 0 : 1)) return -1;
  let exponent = dropped - (pointAt < 0 ? 0 : position - pointAt - 1);
  const lowDigits = Math.max(Math.min(used, 2 * PART_DIGITS) - PART_DIGITS, 0);
  if (((bytes[position] as number) & ~CASE_BIT) === EXPONENT) {
    const end = scanExponent(bytes, position + 1);
    if (end < 0) return -1;
    exponent += scannedExponent;
    position = end;
  }
  const value = lowDigits === 0 ? scaleInteger(high, exponent) : joinParts(high, low, lowDigits, exponent);
  // The number is between two numbers of 18 digits. If both have the same nearest float64, the number between them has
  // it, too.
  if (Number.isNaN(value) || (isInexact && joinParts(high, low + 1, lowDigits, exponent) !== value)) return -1;
  scanned[0] = first === MINUS ? -value : value;
  return position;
}

let scannedExponent = 0;

function scanExponent(bytes: Uint8Array, at: number): number {
  const sign = bytes[at] as number;
  const start = sign === MINUS || sign === PLUS ? at + 1 : at;
  let position = start;
  let exponent = 0;
  for (; ; position++) {
    const digit = (bytes[position] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    if (position - start === MAX_EXPONENT_DIGITS) return -1;
    exponent = exponent * 10 + digit;
  }
  scannedExponent = sign === MINUS ? -exponent : exponent;
  return position === start ? -1 : position;
}
