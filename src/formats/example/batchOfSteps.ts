import {
  isNDArray,
  uncheckedArray,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
  type SparseArray,
} from '../../arrays/ndarray.js';
import { toDense } from '../../arrays/toDense.js';
import type { ColumnValue } from './column.js';
import { rowLength } from './raggedRows.js';

/** Splits an array of steps into records. Dense arrays are padded to the longest record. */
export function batchOfSteps(
  steps: ColumnValue,
  rowSplits: Int32Array,
): NDArray | SparseArray | RaggedArray | NestedRaggedArray {
  if (isNDArray(steps)) return toDense({ values: steps, rowSplits });
  if ('rowSplits' in steps) return { values: steps as RaggedArray, rowSplits };
  const { indices, values, denseShape } = steps;
  const places = new BigInt64Array(3 * values.data.length);
  let record = 0;
  for (let value = 0; value < values.data.length; value++) {
    const step = Number(indices.data[2 * value]);
    while (step >= (rowSplits[record + 1] ?? Infinity)) record++;
    places[3 * value] = BigInt(record);
    places[3 * value + 1] = BigInt(step - (rowSplits[record] ?? 0));
    places[3 * value + 2] = indices.data[2 * value + 1] ?? 0n;
  }
  const lengths = lengthsOf(rowSplits).data;
  const longest = lengths.reduce((most, length) => Math.max(most, Number(length)), 0);
  return {
    indices: uncheckedArray('int64', [values.data.length, 3], places),
    values,
    denseShape: [lengths.length, longest, denseShape[1] ?? 0],
  };
}

export function lengthsOf(rowSplits: Int32Array): NDArray<'int64'> {
  const count = rowSplits.length - 1;
  const lengths = BigInt64Array.from({ length: count }, (_, row) => BigInt(rowLength(rowSplits, row)));
  return uncheckedArray('int64', [count], lengths);
}
