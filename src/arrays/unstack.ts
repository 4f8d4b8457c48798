import { ShapeError, ValueError } from '../base/errors.js';
import { hasArrays, partPath } from './mapArrays.js';
import { MAX_PATH_LENGTH, nestingError } from '../base/nestingError.js';
import { showValue } from '../base/showValue.js';
import { isNDArray, sizeOfShape, type NDArray, type RaggedArray } from './ndarray.js';
import { requireArray } from './requireArray.js';
import type { Batched } from './stack.js';

/**
 * An item of the batch `B`: an NDArray without its first axis, a row of a ragged array, or an element of a plain array.
 */
export type Unbatched<B> =
  B extends NDArray<infer D>
    ? NDArray<D>
    : B extends RaggedArray<infer D>
      ? NDArray<D>
      : B extends readonly (infer E)[]
        ? Batched<B> extends B[]
          ? E
          : { -readonly [K in keyof B]: Unbatched<B[K]> }
        : { -readonly [K in keyof B]: Unbatched<B[K]> };

export interface Rows {
  readonly length: number;
  readonly at: (index: number) => unknown;
}

/**
 * Splits a batch into items: the inverse of `stack`. The NDArrays of the items are views on the batch.
 *
 * @throws ShapeError with the path if parts have different lengths.
 * @throws ValueError with the path if a part is not a batch.
 */
export function unstack(batch: unknown): Rows {
  return rowsAt(batch, '', batch);
}

function rowsAt(value: unknown, path: string, batch: unknown): Rows {
  if (path.length > MAX_PATH_LENGTH) throw nestingError('unbatch', batch);
  if (isNDArray(value)) return rowsOfArray(value, path);
  if (Array.isArray(value) && !hasArrays(value))
    return { length: value.length, at: (index) => value[index] as unknown };
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) throw noBatch(showValue(value), path);
  const { values, rowSplits, indices } = value as Partial<RaggedArray> & { readonly indices?: unknown };
  if (isNDArray(values) && isNDArray(indices)) throw noBatch('a sparse value', path);
  if (isNDArray(values) && rowSplits instanceof Int32Array) return rowsOfRagged(values, rowSplits, path);
  return rowsOfParts(value, path, batch);
}

function rowsOfParts(value: object, path: string, batch: unknown): Rows {
  const isTuple = Array.isArray(value);
  const parts = Object.entries(value).map(([key, part]: [string, unknown]) => {
    const place = partPath(path, key, isTuple);
    return { key, place, rows: rowsAt(part, place, batch) };
  });
  const [first] = parts;
  if (!first) throw noBatch('an object without parts', path);
  const { length } = first.rows;
  const uneven = parts.find(({ rows }) => rows.length !== length);
  if (uneven) {
    throw new ShapeError(
      `unbatch: ${first.place} has ${length} items, but ${uneven.place} has ${uneven.rows.length}. All parts of a batch must have the same number of items.`,
      { path: uneven.place, expected: [length], found: [uneven.rows.length] },
    );
  }
  if (isTuple) return { length, at: (index) => parts.map(({ rows }) => rows.at(index)) };
  return { length, at: (index) => Object.fromEntries(parts.map(({ key, rows }) => [key, rows.at(index)])) };
}

function rowsOfArray(array: NDArray, path: string): Rows {
  const [length, ...shape] = array.shape;
  if (length === undefined) throw noBatch(`a scalar of ${array.dtype}`, path);
  requireArray('unbatch', array, path);
  const size = sizeOfShape(shape);
  return { length, at: (index) => slice(array, shape, [index * size, (index + 1) * size]) };
}

function rowsOfRagged(values: NDArray, rowSplits: Int32Array, path: string): Rows {
  requireArray('unbatch', values, partPath(path, 'values', false));
  const [length = 0, ...shape] = values.shape;
  const isRising = rowSplits.every((split, row) => split >= (rowSplits[row - 1] ?? 0));
  if (!isRising || rowSplits[0] !== 0 || rowSplits.at(-1) !== length) {
    const message = `expected ascending numbers from 0 to ${length} (the number of values)`;
    throw new ValueError(`unbatch: ${partPath(path, 'rowSplits', false)}: ${message}.`, { path });
  }
  const size = sizeOfShape(shape);
  return {
    length: rowSplits.length - 1,
    at: (index) => {
      const [start, end] = rowSplits.subarray(index, index + 2) as unknown as [number, number];
      return slice(values, [end - start, ...shape], [start * size, end * size]);
    },
  };
}

function slice({ dtype, data }: NDArray, shape: readonly number[], [start, end]: readonly [number, number]): unknown {
  return { dtype, shape, data: Array.isArray(data) ? data.slice(start, end) : data.subarray(start, end) };
}

function noBatch(found: string, path: string): ValueError {
  const message = `unbatch: ${path === '' ? 'the item' : path} is not a batch: expected an NDArray of rank 1 or more, a ragged array, or an array, found ${found}.`;
  return new ValueError(message, { path });
}
