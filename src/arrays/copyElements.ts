/** A typed array or a list, whatever it holds. */
export interface Elements {
  readonly length: number;
  [index: number]: unknown;
}

/** Copies all elements of one array into another of the same dtype, from element `at` on. */
export function copyElements(source: Elements, target: Elements, at: number): void {
  for (let index = 0; index < source.length; index++) target[at + index] = source[index];
}
