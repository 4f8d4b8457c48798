/**
 * The exponents for which both parts of a power, and their products with 63-bit integers, are normal float64 numbers.
 */
export const MIN_EXPONENT = -270;
export const MAX_EXPONENT = 288;

const COUNT = MAX_EXPONENT - MIN_EXPONENT + 1;
const FRACTION_BITS = 53;

/* The two parts of each power of ten. Their sum has an error below 2^-105 of the power. NaN: not yet computed. */
const leading = new Float64Array(COUNT).fill(NaN);
const trailing = new Float64Array(COUNT);

/** Returns the float64 nearest to a power of ten. */
export function leadingPower(exponent: number): number {
  const index = exponent - MIN_EXPONENT;
  if (Number.isNaN(leading[index])) computePower(exponent, index);
  return leading[index] as number;
}

/** Returns a power of ten minus its {@link leadingPower}. */
export function trailingPower(exponent: number): number {
  return trailing[exponent - MIN_EXPONENT] as number;
}

function computePower(exponent: number, index: number): void {
  const power = 10n ** BigInt(Math.abs(exponent));
  const [numerator, denominator] = exponent < 0 ? [1n, power] : [power, 1n];
  const first = Number(`1e${exponent}`);
  const [significand, binaryExponent] = partsOf(first);
  const [top, bottom] =
    binaryExponent < 0 ? [significand, 1n << BigInt(-binaryExponent)] : [significand << BigInt(binaryExponent), 1n];
  leading[index] = first;
  trailing[index] = quotient(numerator * bottom - top * denominator, denominator * bottom);
}

/** Returns integers with `value` = significand * 2^exponent. */
function partsOf(value: number): readonly [bigint, number] {
  const exponent = Math.floor(Math.log2(value)) - FRACTION_BITS;
  // Both factors are normal numbers and powers of two, so that the product is exact.
  const half = Math.trunc(-exponent / 2);
  return [BigInt(value * 2 ** half * 2 ** (-exponent - half)), exponent];
}

/** Computes a quotient to 60 bits, and returns the nearest float64. */
function quotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const magnitude = numerator < 0n ? -numerator : numerator;
  const shift = denominator.toString(2).length - magnitude.toString(2).length + 60;
  const scaled = shift < 0 ? magnitude / (denominator << BigInt(-shift)) : (magnitude << BigInt(shift)) / denominator;
  const half = Math.trunc(-shift / 2);
  return (numerator < 0n ? -1 : 1) * Number(scaled) * 2 ** half * 2 ** (-shift - half);
}
