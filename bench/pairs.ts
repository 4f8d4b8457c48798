/** The readings of this package, and the readings of the compared program. */
export interface Pairs<Ours, Theirs = Ours> {
  readonly ours: readonly Ours[];
  readonly theirs: readonly Theirs[];
}

export interface PairsOptions<Ours, Theirs> {
  readonly pairs: number;
  readonly progress: (part: string) => void;
  readonly ours: () => Promise<Ours>;
  readonly theirs: () => Promise<Theirs>;
}

/** Reads in pairs. The order within a pair alternates, because the load of the machine may change slowly. */
export async function readInPairs<Ours, Theirs = Ours>({
  pairs,
  progress,
  ours,
  theirs,
}: PairsOptions<Ours, Theirs>): Promise<Pairs<Ours, Theirs>> {
  const readings: { ours: Ours[]; theirs: Theirs[] } = { ours: [], theirs: [] };
  for (let pair = 0; pair < pairs; pair++) {
    progress(`pair ${pair + 1} of ${pairs}`);
    const inTurn = [async () => readings.ours.push(await ours()), async () => readings.theirs.push(await theirs())];
    for (const read of pair % 2 === 0 ? inTurn : inTurn.reverse()) await read();
  }
  return readings;
}

export function ratiosOf<Ours, Theirs = Ours>(
  { ours, theirs }: Pairs<Ours, Theirs>,
  ratio: (ours: Ours, theirs: Theirs) => number,
): number[] {
  return ours.map((reading, pair) => ratio(reading, theirs[pair] as Theirs));
}
