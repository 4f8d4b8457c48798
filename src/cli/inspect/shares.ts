/** The share of values that decides the type: the rest are faults of the data. */
const NEARLY_ALL = 0.99;
/** Above this share, the rest are odd, and the report tells the first of them. */
export const MOSTLY = 0.5;
/** At or above this share, a value is usual, and the rest are odd even where they are allowed. */
export const NINE_OF_TEN = 0.9;

/** Whether nearly all values are alike: the proposal is then for those, and the reader fails on the others. */
export function isNearlyAll(count: number, total: number): boolean {
  return total > 0 && count >= NEARLY_ALL * total;
}

/** Returns a number with commas between thousands. */
export const grouped = (count: number): string => count.toLocaleString('en');

/** Returns `500 of 501`. */
export const shareOf = (count: number, total: number): string => `${grouped(count)} of ${grouped(total)}`;

/** Returns `1 line` or `2 lines`. */
export const linesOf = (count: number): string => `${grouped(count)} ${count === 1 ? 'line' : 'lines'}`;

const MAX_REMARKS = 20;

/** Cuts a long list of remarks. `about` names what they tell. */
export function firstRemarks(remarks: readonly string[], about: string): string[] {
  const rest = remarks.length - MAX_REMARKS;
  return rest <= 0 ? [...remarks] : [...remarks.slice(0, MAX_REMARKS), `… and ${grouped(rest)} more about ${about}`];
}
