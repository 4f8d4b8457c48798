import { ValueError } from '../base/errors.js';
import { partPath } from './mapArrays.js';

interface RowsPlace {
  /** The number of values. */
  readonly length: number;
  /** The path of the ragged array. */
  readonly path: string;
}

/** @throws ValueError with the path if `rowSplits` does not divide `length` values into rows. */
export function requireRowSplits(caller: string, rowSplits: Int32Array, { length, path }: RowsPlace): void {
  const isRising = rowSplits.every((split, row) => split >= (rowSplits[row - 1] ?? 0));
  if (isRising && rowSplits[0] === 0 && rowSplits.at(-1) === length) return;
  const message = `expected ascending numbers from 0 to ${length} (the number of values)`;
  throw new ValueError(`${caller}: ${partPath(path, 'rowSplits', false)}: ${message}.`, { path });
}
