export interface Elements {
  readonly length: number;
  [index: number]: unknown;
}

export function copyElements(source: Elements, target: Elements, at: number): void {
  for (let index = 0; index < source.length; index++) target[at + index] = source[index];
}
