import { grouped } from '../../base/grouped.js';

/** If at least this share of the values are the same, other values are errors in the data. */
const NEARLY_ALL = 0.99;
/** If more than this share of the values are the same, the report shows the first different value. */
export const MOSTLY = 0.5;
/** If at least this share of the values are the same, other values are unusual, but may be valid. */
export const NINE_OF_TEN = 0.9;

/** Returns true if nearly all values are the usual value, so that the proposed code accepts only this value. */
export function isNearlyAll(count: number, total: number): boolean {
  return total > 0 && count >= NEARLY_ALL * total;
}

export const shareOf = (count: number, total: number): string => `${grouped(count)} of ${grouped(total)}`;

const MAX_REMARKS = 20;

/**
 * Returns at most 20 remarks. If there are more, adds a line with their number. `about` is the subject of the remarks.
 */
export function firstRemarks(remarks: readonly string[], about: string): string[] {
  const rest = remarks.length - MAX_REMARKS;
  return rest <= 0 ? [...remarks] : [...remarks.slice(0, MAX_REMARKS), `… and ${grouped(rest)} more about ${about}`];
}
