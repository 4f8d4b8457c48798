/*
 * Four bytes of a text at a time, as an int32. The tests are from "Bit Twiddling Hacks" by Sean Eron Anderson.
 *
 * https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord
 */

const LOW_BITS = 0x01010101;
const TOP_BITS = 0x80808080;

/** Returns a group of four copies of a byte. */
export const fourOf = (byte: number): number => Math.imul(byte, LOW_BITS);

/** Returns true if a group contains a byte. `four` is the group of four copies of this byte. */
export const hasByte = (group: number, four: number): boolean => {
  const difference = group ^ four;
  return ((difference - LOW_BITS) & ~difference & TOP_BITS) !== 0;
};
