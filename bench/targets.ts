/** A limit of a figure. A missed target is marked, but it is not a failure. */
export interface Target {
  readonly text: string;
  readonly isMet: boolean;
}

export const atLeast = (name: string, figure: number, limit: number): Target => ({
  text: `${name} >= ${limit}`,
  isMet: figure >= limit,
});

export const atMost = (name: string, figure: number, limit: number): Target => ({
  text: `${name} <= ${limit}`,
  isMet: figure <= limit,
});

export const below = (name: string, figure: number, limit: number): Target => ({
  text: `${name} < ${limit}`,
  isMet: figure < limit,
});
