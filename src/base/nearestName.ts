/** Names of one or two letters are similar to too many names. */
const SHORT_NAME = 2;

/**
 * Returns the known name that is most similar to `name`: `dropRemainder` for `drop_remainder`. In names of one or two
 * letters, only case and separators may differ.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = plainName(name);
  const limit = wanted.length <= SHORT_NAME ? 0 : Math.max(1, Math.floor(wanted.length / 3));
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(wanted, plainName(candidate), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((left, right) => left.distance - right.distance);
  return ranked[0]?.candidate;
}

function plainName(name: string): string {
  return name.replaceAll(/[_\-\s]/g, '').toLowerCase();
}

/** A swap of two letters is one edit. Returns `Infinity` if the lengths differ by more than the limit. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  let rowBefore: readonly number[] = [];
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const areSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = areSwapped ? (rowBefore[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    rowBefore = row;
    row = next;
  }
  return row[to.length] ?? Infinity;
}
