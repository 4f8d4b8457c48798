/** If at least this share of the values is alike, the other values are faults of the data. */
const NEARLY_ALL = 0.99;
/** If more than this share of the values is alike, the report shows the first different value. */
export const MOSTLY = 0.5;
/** If at least this share of the values is alike, the others are unusual, even if they are allowed. */
export const NINE_OF_TEN = 0.9;

/** Returns true if the proposal is for the values that are alike. A reader then fails on the other values. */
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
