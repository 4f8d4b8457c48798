/** The midpoint of two adjacent float32 numbers has fewer decimal digits than this. */
const MAX_DIGITS = 200;
/** The midpoint above the largest float32. `Math.fround` rounds it to infinity. */
const OVERFLOW = 2 ** 128 - 2 ** 103;
const LARGEST = 2 ** 128 - 2 ** 104;

const UNDECIDED = NaN;
const PARTS = /([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?\s*$/i;

/**
 * Returns the float32 nearest to a decimal number. Rounds `value`. If `value` is halfway between two float32 numbers,
 * compares the decimal digits.
 *
 * @param value - the float64 nearest to `text`.
 */
export function nearestFloat32(text: string, value: number): number {
  const rounded = Math.fround(value);
  const other = otherNeighbour(value, rounded);
  if (other === undefined) return rounded;
  const excess = compareMagnitudes(text, value);
  if (excess === 0) return rounded;
  const isOtherLarger = Math.abs(other) > Math.abs(rounded);
  return excess > 0 === isOtherLarger ? other : rounded;
}

function otherNeighbour(value: number, rounded: number): number | undefined {
  if (!Number.isFinite(rounded)) return Math.abs(value) === OVERFLOW ? Math.sign(value) * LARGEST : undefined;
  const other = value + (value - rounded);
  return other !== rounded && Math.fround(other) === other ? other : undefined;
}

/** Returns 1 if the magnitude of the text is larger, -1 if smaller, 0 if equal. */
function compareMagnitudes(text: string, value: number): number {
  const [, whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // Digits after these only make the number larger, unless they are all zero. So one digit can replace them.
  const rest = digits.slice(MAX_DIGITS);
  const kept = rest === '' ? digits : `${digits.slice(0, MAX_DIGITS)}${/[1-9]/.test(rest) ? 1 : 0}`;
  const power = Number(exponent) - fraction.length + (digits.length - kept.length);
  // Powers of ten and two make both numbers integers.
  const [significand, binaryPower] = partsOf(Math.abs(value));
  const left = BigInt(kept) * 10n ** BigInt(Math.max(power, 0)) * 2n ** BigInt(Math.max(-binaryPower, 0));
  const right = significand * 10n ** BigInt(Math.max(-power, 0)) * 2n ** BigInt(Math.max(binaryPower, 0));
  return left > right ? 1 : left < right ? -1 : 0;
}

function partsOf(value: number): readonly [bigint, number] {
  let power = 0;
  let significand = value;
  while (!Number.isInteger(significand)) {
    significand *= 2;
    power--;
  }
  return [BigInt(significand), power];
}

/**
 * Returns the float32 nearest to a float64, or NaN if the float64 is halfway between two float32 numbers. In this case,
 * use {@link nearestFloat32}.
 */
export function nearFloat32(value: number): number {
  const rounded = Math.fround(value);
  const other = value + (value - rounded);
  return other !== rounded && Math.fround(other) === other ? UNDECIDED : rounded;
}
