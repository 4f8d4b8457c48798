import {
  isNDArray,
  uncheckedArray,
  type DType,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
  type SparseArray,
} from '../../arrays/ndarray.js';
import { toDense } from '../../arrays/toDense.js';
import { setProperty } from '../../base/setProperty.js';
import type { ColumnValue } from './column.js';
import { rowLength } from './raggedRows.js';

type BatchValue = NDArray | SparseArray | RaggedArray | NestedRaggedArray;

/** Applies {@link batchOfSteps} to each feature. */
export function batchOfParts(parts: Readonly<Record<string, ColumnValue>>, rowSplits: Int32Array): object {
  const result: Record<string, BatchValue> = {};
  for (const [name, value] of Object.entries(parts)) setProperty(result, name, batchOfSteps(value, rowSplits));
  return result;
}

/** Divides the first dimension of an array into records. Dense arrays are padded to the longest record. */
export function batchOfSteps(steps: ColumnValue, rowSplits: Int32Array): BatchValue {
  const lengths = lengthsOf(rowSplits).data;
  const longest = lengths.reduce((most, length) => Math.max(most, Number(length)), 0);
  if (isNDArray(steps)) {
    if (lengths.length * longest !== steps.shape[0]) return toDense({ values: steps, rowSplits });
    return uncheckedArray<DType>(steps.dtype, [lengths.length, longest, ...steps.shape.slice(1)], steps.data);
  }
  if ('rowSplits' in steps) return { values: steps as RaggedArray, rowSplits };
  const { indices, values, denseShape } = steps;
  const rank = denseShape.length;
  const places = new BigInt64Array((rank + 1) * values.data.length);
  let record = 0;
  let at = 0;
  for (let value = 0; value < values.data.length; value++) {
    const step = Number(indices.data[rank * value]);
    while (step >= (rowSplits[record + 1] ?? Infinity)) record++;
    places[at++] = BigInt(record);
    places[at++] = BigInt(step - (rowSplits[record] ?? 0));
    for (let axis = 1; axis < rank; axis++) places[at++] = indices.data[rank * value + axis] ?? 0n;
  }
  return {
    indices: uncheckedArray('int64', [values.data.length, rank + 1], places),
    values,
    denseShape: [lengths.length, longest, ...denseShape.slice(1)],
  };
}

export function lengthsOf(rowSplits: Int32Array): NDArray<'int64'> {
  const count = rowSplits.length - 1;
  const lengths = BigInt64Array.from({ length: count }, (_, row) => BigInt(rowLength(rowSplits, row)));
  return uncheckedArray('int64', [count], lengths);
}
