/** The readings of this package, and the readings of the compared program. */
export interface Pairs<T> {
  readonly ours: readonly T[];
  readonly theirs: readonly T[];
}

export interface PairsOptions<T> {
  readonly pairs: number;
  readonly progress: (part: string) => void;
  readonly ours: () => Promise<T>;
  readonly theirs: () => Promise<T>;
}

/** Reads in pairs. The order within a pair alternates, because the load of the machine may change slowly. */
export async function readInPairs<T>({ pairs, progress, ours, theirs }: PairsOptions<T>): Promise<Pairs<T>> {
  const readings: { ours: T[]; theirs: T[] } = { ours: [], theirs: [] };
  for (let pair = 0; pair < pairs; pair++) {
    progress(`pair ${pair + 1} of ${pairs}`);
    const inTurn = [async () => readings.ours.push(await ours()), async () => readings.theirs.push(await theirs())];
    for (const read of pair % 2 === 0 ? inTurn : inTurn.reverse()) await read();
  }
  return readings;
}

export function ratiosOf<T>({ ours, theirs }: Pairs<T>, ratio: (ours: T, theirs: T) => number): number[] {
  return ours.map((reading, pair) => ratio(reading, theirs[pair] as T));
}
