import { ShapeError, ValueError } from '../base/errors.js';
import { hasArrays, partPath } from './mapArrays.js';
import { MAX_PATH_LENGTH, nestingError } from '../base/nestingError.js';
import { showValue } from '../base/showValue.js';
import { isNDArray, sizeOfShape, type NDArray, type RaggedArray } from './ndarray.js';
import { requireArray } from './requireArray.js';
import { requireRowSplits } from './requireRowSplits.js';
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
  /** `end` is exclusive. */
  readonly between: (start: number, end: number) => unknown;
}

interface Splitting {
  readonly batch: unknown;
  readonly caller: string;
}

/**
 * The inverse of `stack`. NDArrays of the items are views on the batch.
 *
 * @throws ShapeError with the path if parts have different lengths.
 * @throws ValueError with the path if a part is not a batch.
 */
export function unstack(batch: unknown, caller = 'unbatch'): Rows {
  return rowsAt(batch, '', { batch, caller });
}

function rowsAt(value: unknown, path: string, splitting: Splitting): Rows {
  const { batch, caller } = splitting;
  if (path.length > MAX_PATH_LENGTH) throw nestingError(caller, batch);
  if (isNDArray(value)) return rowsOfArray(value, path, caller);
  if (Array.isArray(value) && !hasArrays(value))
    return {
      length: value.length,
      at: (index) => value[index] as unknown,
      between: (start, end) => value.slice(start, end) as unknown[],
    };
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
    throw noBatch(showValue(value), path, caller);
  const { values, rowSplits, indices } = value as Partial<RaggedArray> & { readonly indices?: unknown };
  if (isNDArray(values) && isNDArray(indices)) {
    throw noBatch(`a sparse value: make it dense with toDenseSparse() in a map() before ${caller}()`, path, caller);
  }
  if (isNDArray(values) && rowSplits instanceof Int32Array) return rowsOfRagged({ values, rowSplits }, path, caller);
  return rowsOfParts(value, path, splitting);
}

function rowsOfParts(value: object, path: string, splitting: Splitting): Rows {
  const { caller } = splitting;
  const isTuple = Array.isArray(value);
  const parts = Object.entries(value).map(([key, part]: [string, unknown]) => {
    const place = partPath(path, key, isTuple);
    return { key, place, rows: rowsAt(part, place, splitting) };
  });
  const [first] = parts;
  if (!first) throw noBatch('an object without parts', path, caller);
  const { length } = first.rows;
  const uneven = parts.find(({ rows }) => rows.length !== length);
  if (uneven) {
    throw new ShapeError(
      `${caller}: ${first.place} has ${length} items, but ${uneven.place} has ${uneven.rows.length}. All parts of a batch must have the same number of items.`,
      { path: uneven.place, expected: [length], found: [uneven.rows.length] },
    );
  }
  const ofParts = (read: (rows: Rows) => unknown): unknown =>
    isTuple ? parts.map(({ rows }) => read(rows)) : Object.fromEntries(parts.map(({ key, rows }) => [key, read(rows)]));
  return {
    length,
    at: (index) => ofParts((rows) => rows.at(index)),
    between: (start, end) => ofParts((rows) => rows.between(start, end)),
  };
}

function rowsOfArray(array: NDArray, path: string, caller: string): Rows {
  const [length, ...shape] = array.shape;
  if (length === undefined) throw noBatch(`a scalar of ${array.dtype}`, path, caller);
  requireArray(caller, array, path);
  const size = sizeOfShape(shape);
  return {
    length,
    at: (index) => slice(array, shape, [index * size, (index + 1) * size]),
    between: (start, end) => slice(array, [end - start, ...shape], [start * size, end * size]),
  };
}

function rowsOfRagged({ values, rowSplits }: RaggedArray, path: string, caller: string): Rows {
  requireArray(caller, values, partPath(path, 'values', false));
  const [length = 0, ...shape] = values.shape;
  requireRowSplits(caller, rowSplits, { length, path });
  const size = sizeOfShape(shape);
  const valuesOf = (first: number, last: number): unknown => {
    const [start, end] = [rowSplits[first] as number, rowSplits[last] as number];
    return slice(values, [end - start, ...shape], [start * size, end * size]);
  };
  return {
    length: rowSplits.length - 1,
    at: (index) => valuesOf(index, index + 1),
    between: (start, end) => {
      const splits = rowSplits.subarray(start, end + 1);
      return { values: valuesOf(start, end), rowSplits: splits.map((split) => split - (splits[0] as number)) };
    },
  };
}

function slice({ dtype, data }: NDArray, shape: readonly number[], [start, end]: readonly [number, number]): unknown {
  return { dtype, shape, data: Array.isArray(data) ? data.slice(start, end) : data.subarray(start, end) };
}

function noBatch(found: string, path: string, caller: string): ValueError {
  const message = `${caller}: ${path === '' ? 'the item' : path} is not a batch: expected an NDArray of rank 1 or more, a ragged array, or an array, found ${found}.`;
  return new ValueError(message, { path });
}
