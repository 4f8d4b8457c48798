/** The kinds of partitions that store their numbers in a feature. */
export const PARTITION_KINDS = ['rowSplits', 'rowLengths', 'rowStarts', 'rowLimits', 'valueRowIds'] as const;

export type PartitionKind = (typeof PARTITION_KINDS)[number];

/**
 * A partition of {@link RaggedFeature}, like TensorFlow's `RaggedFeature.RowSplits` and others. The text is the name of
 * the int64 feature with the row splits, row lengths and so on.
 */
export type Partition =
  | { readonly rowSplits: string }
  | { readonly rowLengths: string }
  | { readonly rowStarts: string }
  | { readonly rowLimits: string }
  | { readonly valueRowIds: string }
  | { readonly uniformRowLength: number };

/** The maximum number of rows in a record, because one row id of a few bytes can declare any number of empty rows. */
const MAX_ROWS = 2 ** 20;

/**
 * Returns the end of each row of a record.
 *
 * @param count - the number of values in the record.
 * @returns `undefined` if the numbers are not a partition of `count` values.
 */
export function partitionLimits(
  kind: PartitionKind,
  numbers: readonly number[],
  count: number,
): readonly number[] | undefined {
  const [first = 0, ...others] = numbers;
  const isEmpty = numbers.length === 0;
  const limits = {
    rowSplits: () => others,
    rowLengths: () => {
      let end = 0;
      return numbers.map((length) => (end += length));
    },
    rowStarts: () => (isEmpty ? [] : [...others, count]),
    rowLimits: () => numbers,
    valueRowIds: () => limitsOfRows(numbers, count),
  }[kind]();
  if ((kind === 'rowSplits' || kind === 'rowStarts') && first !== 0) return undefined;
  const isRising = limits.every((limit, row) => limit >= (limits[row - 1] ?? 0));
  return isRising && (limits.at(-1) ?? 0) === count ? limits : undefined;
}

/** Counts the values of each row. If the ids are invalid, returns limits that are invalid for each record. */
function limitsOfRows(ids: readonly number[], count: number): readonly number[] {
  const rows = (ids.at(-1) ?? -1) + 1;
  const isRising = ids.every((id, at) => id >= (ids[at - 1] ?? 0));
  if (!isRising || ids.length !== count || rows > MAX_ROWS) return [-1];
  const limits = new Array<number>(rows).fill(0);
  for (const id of ids) limits[id] = (limits[id] ?? 0) + 1;
  for (let row = 1; row < rows; row++) limits[row] = (limits[row] ?? 0) + (limits[row - 1] ?? 0);
  return limits;
}
