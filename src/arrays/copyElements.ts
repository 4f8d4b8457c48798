/** A typed array or a plain array, with elements of any type. */
export interface Elements {
  readonly length: number;
  [index: number]: unknown;
}

/** Copies all elements of `source` to `target`, starting at index `at`. Both have the same dtype. */
export function copyElements(source: Elements, target: Elements, at: number): void {
  for (let index = 0; index < source.length; index++) target[at + index] = source[index];
}
