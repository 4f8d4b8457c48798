export interface Elements {
  readonly length: number;
  [index: number]: unknown;
}

export function copyElements(source: Elements, target: Elements, at: number): void {
  for (let index = 0; index < source.length; index++) target[at + index] = source[index];
}

/** Does not change the bits of a NaN. */
export function copyRun(source: Elements, [start, end]: readonly [number, number], target: Elements, at: number): void {
  if (!Array.isArray(source)) (target as Float64Array).set((source as Float64Array).subarray(start, end), at);
  else for (let from = start; from < end; from++) target[at + from - start] = source[from] as unknown;
}
