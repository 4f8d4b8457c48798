import type { DType } from '../../../src/arrays/ndarray.js';
import { arrayText } from './columnText.js';
import { NoMessage } from './wireFields.js';

/** A value, or the values or rows in a row. */
export type Item = Uint8Array | readonly Item[];

/** The numbers of a partition in one record, or the length of all rows. */
export type ReferencePartition =
  | { readonly kind: string; readonly numbers: readonly bigint[] }
  | { readonly uniformRowLength: number };

/** Divides items into rows: the reference asks for each item in which row it is. */
export function grouped(items: readonly Item[], partition: ReferencePartition): Item[][] {
  const rowOf = 'uniformRowLength' in partition ? uniform(items, partition.uniformRowLength) : rowIds(items, partition);
  const rows: Item[][] = Array.from({ length: rowOf.rows }, () => []);
  items.forEach((item, at) => rows[rowOf.ids[at]!]!.push(item));
  return rows;
}

interface RowIds {
  readonly rows: number;
  readonly ids: readonly number[];
}

function uniform(items: readonly Item[], length: number): RowIds {
  if (items.length % length !== 0) throw new NoMessage('not a multiple');
  return { rows: items.length / length, ids: items.map((_, at) => Math.floor(at / length)) };
}

function rowIds(
  items: readonly Item[],
  { kind, numbers }: { readonly kind: string; readonly numbers: readonly bigint[] },
): RowIds {
  const list = numbers.map(Number);
  if (kind === 'valueRowIds') {
    const sound = list.length === items.length && list.every((id, at) => id >= (at === 0 ? 0 : list[at - 1]!));
    if (!sound || (list.at(-1) ?? 0) >= 2 ** 20) throw new NoMessage('row ids');
    return { rows: (list.at(-1) ?? -1) + 1, ids: list };
  }
  const lengths = lengthsOf(kind, list, items.length);
  if (lengths.some((length) => length < 0) || lengths.reduce((sum, length) => sum + length, 0) !== items.length) {
    throw new NoMessage('the lengths of rows');
  }
  return { rows: lengths.length, ids: lengths.flatMap((length, row) => Array.from({ length }, () => row)) };
}

function lengthsOf(kind: string, list: readonly number[], count: number): number[] {
  const between = (ends: readonly number[]) => ends.slice(1).map((end, row) => end - ends[row]!);
  if (kind === 'rowLengths') return [...list];
  if (kind === 'rowLimits') return between([0, ...list]);
  if (list.length > 0 && list[0] !== 0) throw new NoMessage('the first row');
  return list.length === 0 ? [] : between(kind === 'rowSplits' ? list : [...list, count]);
}

/** Returns the ragged array of these items as text. The last `uniformDims` levels are dense dimensions. */
export function raggedText(
  items: readonly Item[],
  dtype: DType,
  { depth, dims }: { depth: number; dims: readonly number[] },
): string {
  if (depth > 0) {
    const splits = (items as readonly Item[][]).reduce<number[]>(
      (ends, row) => [...ends, ends.at(-1)! + row.length],
      [0],
    );
    return `ragged ${splits.join()} ${raggedText((items as Item[][]).flat(), dtype, { depth: depth - 1, dims })}`;
  }
  const values = dims.reduce<readonly Item[]>((rows) => (rows as Item[][]).flat(), items) as readonly Uint8Array[];
  return arrayText(dtype, [items.length, ...dims], values);
}
