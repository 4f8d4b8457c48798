import { leadingPower, MAX_EXPONENT, MIN_EXPONENT, trailingPower } from './powersOfTen.js';

/*
 * A decimal number becomes the nearest float64, as in `Number(text)`. The method depends on the number:
 *
 * - The digits are an integer of up to 2^53, and the power of ten is at most 10^22. The integer and the power are exact
 *   float64 numbers, so one multiplication or division rounds correctly (Clinger, "How to read floating point numbers
 *   accurately", 1990).
 * - Up to 18 digits are the exact sum of two float64 numbers. Their product with a power of ten has a relative error
 *   below 2^-98. The product rounds correctly if it is farther than this from the middle of two float64 numbers (Dekker,
 *   "A floating-point technique for extending the available precision", 1971).
 * - For other numbers, the functions return NaN, and the caller converts the text.
 */

/** The maximum number of digits in a part, because an int32 can represent all integers of nine digits. */
export const PART_DIGITS = 9;
/** A sum below this limit is exact. A larger sum may have been rounded to the limit. */
const EXACT_LIMIT = 2 ** 53;
const LARGEST_EXACT_EXPONENT = 22;
/** Two parts of nine digits are less than 10^18. */
const LARGEST_PARTS_EXPONENT = 18;
/** The powers of ten that float64 represents exactly. */
export const POWERS = Float64Array.from({ length: LARGEST_EXACT_EXPONENT + 1 }, (_, exponent) =>
  Number(`1e${exponent}`),
);
/** A multiplication by this number splits a float64 into two halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1;
const RELATIVE_ERROR = 2 ** -98;

/** Returns integer * 10^exponent for an integer of up to nine digits. */
export function scaleInteger(integer: number, exponent: number): number {
  if (integer === 0 || exponent === 0) return integer;
  if (exponent < 0 && exponent >= -LARGEST_EXACT_EXPONENT) return integer / (POWERS[-exponent] as number);
  if (exponent > 0 && exponent <= LARGEST_EXACT_EXPONENT) return integer * (POWERS[exponent] as number);
  return scaleExactly(integer, 0, exponent);
}

/** Returns (high * 10^lowDigits + low) * 10^exponent for two integers of up to nine digits. */
export function joinParts(high: number, low: number, lowDigits: number, exponent: number): number {
  const power = POWERS[lowDigits] as number;
  const product = high * power;
  const sum = product + low;
  if (sum < EXACT_LIMIT && exponent <= 0 && exponent >= -LARGEST_EXACT_EXPONENT) {
    return sum / (POWERS[-exponent] as number);
  }
  const added = sum - product;
  const sumError = product - (sum - added) + (low - added);
  return scaleExactly(sum, sumError + productError(high, power, product), exponent);
}

/** Returns the exact difference of a product and its float64. */
function productError(left: number, right: number, product: number): number {
  const leftSplit = SPLITTER * left;
  const leftHigh = leftSplit - (leftSplit - left);
  const leftLow = left - leftHigh;
  const rightSplit = SPLITTER * right;
  const rightHigh = rightSplit - (rightSplit - right);
  const rightLow = right - rightHigh;
  return leftHigh * rightHigh - product + leftHigh * rightLow + leftLow * rightHigh + leftLow * rightLow;
}

/** Returns (integer + rest) * 10^exponent. */
function scaleExactly(integer: number, rest: number, exponent: number): number {
  if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT - LARGEST_PARTS_EXPONENT) return NaN;
  const power = leadingPower(exponent);
  const product = integer * power;
  const error = productError(integer, power, product) + (integer * trailingPower(exponent) + rest * power);
  const value = product + error;
  const remainder = product - value + error;
  const tolerance = value * RELATIVE_ERROR;
  return value + (remainder + tolerance) === value && value + (remainder - tolerance) === value ? value : NaN;
}
