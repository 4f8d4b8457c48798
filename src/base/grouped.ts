/** Writes commas between thousands. */
export function grouped(count: number, fractionDigits = 0): string {
  return count.toLocaleString('en', {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  });
}

/** @param noun - its plural ends in `s`. */
export function countOf(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
