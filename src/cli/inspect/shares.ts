/** If this share of the values has one type, the rest are faults of the data. */
const NEARLY_ALL = 0.99;
/** Above this share, the rest are odd, and the report tells the first of them. */
export const MOSTLY = 0.5;
/** At or above this share, the rest are odd even if they are allowed. */
export const NINE_OF_TEN = 0.9;

/** If nearly all values are alike, the proposal is for these values, and the reader fails on the others. */
export function isNearlyAll(count: number, total: number): boolean {
  return total > 0 && count >= NEARLY_ALL * total;
}

/** Writes commas between thousands. */
export const grouped = (count: number): string => count.toLocaleString('en');

export const shareOf = (count: number, total: number): string => `${grouped(count)} of ${grouped(total)}`;

export const linesOf = (count: number): string => `${grouped(count)} ${count === 1 ? 'line' : 'lines'}`;

const MAX_REMARKS = 20;

/** `about` names the subject of the remarks. */
export function firstRemarks(remarks: readonly string[], about: string): string[] {
  const rest = remarks.length - MAX_REMARKS;
  return rest <= 0 ? [...remarks] : [...remarks.slice(0, MAX_REMARKS), `… and ${grouped(rest)} more about ${about}`];
}
