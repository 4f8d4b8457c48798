/** The middle one of an odd number of figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Rounds for output, so that figures have no more digits than they deserve. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** The least and the greatest figure, as tables show them: `0.81–0.93`. */
export function spread(figures: readonly number[], digits: number): string {
  return `${Math.min(...figures).toFixed(digits)}–${Math.max(...figures).toFixed(digits)}`;
}
