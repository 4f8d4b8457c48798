/** A number between two neighbouring float32s has fewer digits than this, exactly written. */
const MAX_DIGITS = 200;
/** Half-way between the largest float32 and the one that would follow it, which is taken for infinity. */
const OVERFLOW = 2 ** 128 - 2 ** 103;
const LARGEST = 2 ** 128 - 2 ** 104;

const PARTS = /([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?\s*$/i;

/**
 * The float32 that is nearest to a decimal number.
 *
 * The nearest float64 rounded to a float32 is the same, unless the float64 lies half-way between two float32s: there the
 * digits that it dropped decide.
 *
 * @param value - the float64 that is nearest to `text`.
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

/** The other float32 that is as near; `undefined` if there is none. */
function otherNeighbour(value: number, rounded: number): number | undefined {
  if (!Number.isFinite(rounded)) return Math.abs(value) === OVERFLOW ? Math.sign(value) * LARGEST : undefined;
  const other = value + (value - rounded);
  return other !== rounded && Math.fround(other) === other ? other : undefined;
}

/** Whether the text's magnitude is larger than the value's (above 0), smaller (below 0) or the same. */
function compareMagnitudes(text: string, value: number): number {
  const [, whole = '', fraction = '', exponent = '0'] = PARTS.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // Whatever follows that many digits is more than nothing.
  const kept = digits.length > MAX_DIGITS ? `${digits.slice(0, MAX_DIGITS)}1` : digits;
  const power = Number(exponent) - fraction.length + (digits.length - kept.length);
  // Both times a power of ten and one of two that make them whole numbers.
  const [significand, binaryPower] = partsOf(Math.abs(value));
  const left = BigInt(kept) * 10n ** BigInt(Math.max(power, 0)) * 2n ** BigInt(Math.max(-binaryPower, 0));
  const right = significand * 10n ** BigInt(Math.max(-power, 0)) * 2n ** BigInt(Math.max(binaryPower, 0));
  return left > right ? 1 : left < right ? -1 : 0;
}

/** A positive number as a whole number times a power of two. */
function partsOf(value: number): readonly [bigint, number] {
  let power = 0;
  let significand = value;
  while (!Number.isInteger(significand)) {
    significand *= 2;
    power--;
  }
  return [BigInt(significand), power];
}
