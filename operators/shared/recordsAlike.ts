import type { TensorShape } from '../../src/arrays/tensorShape.js';
import { ShapeError } from '../../src/base/errors.js';

/** A valid record of a batch. */
export interface SoundRecord<T> {
  readonly record: T;
  readonly index: number;
  /** The shapes of the arrays. Only records with equal shapes can be in one batch. */
  readonly shapes: readonly TensorShape[];
}

/**
 * Returns the records with the most frequent shapes.
 *
 * @throws ShapeError if several shapes are equally frequent.
 */
export function recordsAlike<T>(operator: string, records: readonly SoundRecord<T>[]): readonly SoundRecord<T>[] {
  const groups = new Map<string, SoundRecord<T>[]>();
  for (const record of records) {
    const key = JSON.stringify(record.shapes);
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  const [most = [], next = []] = [...groups.values()].sort((left, right) => right.length - left.length);
  if (most.length > next.length || next.length === 0) return most;
  throw differingShapes(operator, most, next);
}

function differingShapes<T>(
  operator: string,
  one: readonly SoundRecord<T>[],
  other: readonly SoundRecord<T>[],
): ShapeError {
  const [first, second] = [one[0]?.shapes ?? [], other[0]?.shapes ?? []];
  const at = first.findIndex(({ shape }, tensor) => shape.join() !== second[tensor]?.shape.join());
  const { path = '', shape: expected = [] } = first[at] ?? {};
  const found = second[at]?.shape ?? [];
  const describe = (shape: readonly number[], { index }: Partial<SoundRecord<T>> = {}): string =>
    `[${shape.join(', ')}] (for example record ${index})`;
  const message =
    `${operator}: ${path}: the batch contains equal numbers of records of shape ${describe(expected, one[0])} and ` +
    `${describe(found, other[0])}, so the correct shape is unknown. Declare the shape, for example shape: [${expected.join(', ')}].`;
  return new ShapeError(message, { path, expected, found });
}
