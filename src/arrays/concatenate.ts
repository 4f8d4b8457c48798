import { ShapeError, ValueError } from '../base/errors.js';
import { sumOf } from '../base/sumOf.js';
import { markFresh } from './freshMemory.js';
import { hasArrays, partPath } from './mapArrays.js';
import { isNDArray, sizeOfShape, TYPED_ARRAY_OF, type NDArray } from './ndarray.js';

/**
 * Joins batches along their first axis, in new memory.
 *
 * @param batches - batches that `unstack` accepts, at least one, each with at least one row.
 * @throws ShapeError with the path if rows have different shapes.
 * @throws ValueError with the path if structures or dtypes differ.
 */
export function concatenate(caller: string, batches: readonly unknown[], path = ''): unknown {
  const [first] = batches;
  requireAlike(caller, batches, path);
  if (isNDArray(first)) return joinArrays(batches as readonly NDArray[]);
  if (first instanceof Int32Array) return joinSplits(batches as readonly Int32Array[]);
  const isTuple = Array.isArray(first);
  if (isTuple && !hasArrays(first)) return batches.flat();
  const parts = Object.keys(first as object).map((key) => {
    const column = batches.map((batch) => (batch as Readonly<Record<string, unknown>>)[key]);
    return [key, concatenate(caller, column, partPath(path, key, isTuple))] as const;
  });
  return isTuple ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

function requireAlike(caller: string, batches: readonly unknown[], path: string): void {
  const [first] = batches;
  const kind = kindOf(first);
  const other = batches.find((batch) => kindOf(batch) !== kind);
  if (other === undefined) return;
  const place = path === '' ? '' : `${path}: `;
  const message = `${caller}: ${place}a batch has ${kindOf(other)}, but an earlier batch has ${kind}. Use map() to make the batches alike.`;
  if (!isNDArray(first) || !isNDArray(other) || first.dtype !== other.dtype) throw new ValueError(message, { path });
  throw new ShapeError(message, { path, expected: first.shape.slice(1), found: other.shape.slice(1) });
}

function kindOf(value: unknown): string {
  if (isNDArray(value)) return `${value.dtype} rows of shape [${value.shape.slice(1).join(', ')}]`;
  if (value instanceof Int32Array) return 'row splits';
  if (Array.isArray(value) && !hasArrays(value)) return 'a plain array';
  const keys = Object.keys(value as object).sort();
  return `the ${Array.isArray(value) ? 'tuple ' : ''}parts ${keys.join(', ')}`;
}

function joinArrays(arrays: readonly NDArray[]): NDArray {
  const [{ dtype, shape: rowsAndShape }] = arrays as readonly [NDArray];
  const shape = [...rowsAndShape];
  shape[0] = sumOf(arrays.map((array) => array.shape[0] as number));
  if (dtype === 'bytes') return { dtype, shape, data: arrays.flatMap(({ data }) => data as Uint8Array[]) };
  const data = new TYPED_ARRAY_OF[dtype](sizeOfShape(shape)) as Float64Array;
  let at = 0;
  for (const array of arrays) {
    data.set(array.data as Float64Array, at);
    at += array.data.length;
  }
  markFresh(data);
  return { dtype, shape, data } as unknown as NDArray;
}

function joinSplits(splits: readonly Int32Array[]): Int32Array {
  const joined = [0];
  for (const rowSplits of splits) {
    const start = joined.at(-1) as number;
    for (const split of rowSplits.subarray(1)) joined.push(start + split);
  }
  return Int32Array.from(joined);
}
