import { ConfigError, ShapeError, ValueError } from '../base/errors.js';
import { markFresh } from './freshMemory.js';
import { faultOfArray, isNDArray, uncheckedArray, sizeOfShape, TYPED_ARRAY_OF, type NDArray } from './ndarray.js';
import { MAX_DEPTH, MAX_PATH_LENGTH, nestingError } from '../base/nestingError.js';
import { quote, showValue } from '../base/showValue.js';

type HasNDArray<T> = T extends NDArray
  ? true
  : T extends readonly (infer E)[]
    ? HasNDArray<E>
    : T extends ArrayBufferView | ((...args: never[]) => unknown)
      ? false
      : T extends object
        ? true extends { [K in keyof T]: HasNDArray<T[K]> }[keyof T]
          ? true
          : false
        : false;

/**
 * The type of a batch of `T`. NDArrays, also inside objects and tuples, get a new first axis. All other values become
 * plain arrays.
 */
export type Batched<T> =
  T extends NDArray<infer D> ? NDArray<D> : true extends HasNDArray<T> ? { [K in keyof T]: Batched<T[K]> } : T[];

/**
 * Stacks values on a new first axis, in fresh memory. NDArrays of shape `[…s]` become one NDArray of shape
 * `[values.length, …s]`. Objects and tuples with NDArrays become one object or tuple of batches. All other values
 * become a plain array.
 *
 * @param values - at least one value. All values must have the same structure.
 * @throws ConfigError if `values` is not an array, or is empty.
 * @throws ShapeError if shapes differ, with the path in the structure.
 * @throws ValueError if dtypes or structures differ, or if a value is sparse, ragged or contains itself.
 */
export function stack<T>(values: readonly T[]): Batched<T>;
export function stack(values: readonly unknown[]): unknown {
  if (!Array.isArray(values) || values.length === 0) {
    throw new ConfigError(`stack: expected an array of at least one value, found ${showValue(values)}`, {
      path: 'values',
    });
  }
  return stackAt(values, '', values[0]);
}

function stackAt(values: readonly unknown[], path: string, item: unknown): unknown {
  const [first] = values;
  if (isNDArray(first)) return stackArrays(values, first, path);
  if (!containsNDArray(first, 0, item)) return values;
  if (path.length > MAX_PATH_LENGTH) throw nestingError('batch', item);
  if (isSparseOrRagged(first)) {
    throw new ValueError(
      `batch cannot stack the sparse or ragged value at ${at(path)}. Parse whole batches instead: batch(n), then parseExample(features).`,
      { path },
    );
  }
  if (Array.isArray(first)) {
    return first.map((_, index) => stackAt(column(values, index, path), `${path}[${index}]`, item));
  }
  const keys = Object.keys(first as object);
  const entries = keys.map((key) => [
    key,
    stackAt(column(values, key, path), path === '' ? key : `${path}.${key}`, item),
  ]);
  return Object.fromEntries(entries);
}

function column(values: readonly unknown[], key: string | number, path: string): unknown[] {
  return values.map((value, index) => {
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
      return (value as Record<string | number, unknown>)[key];
    }
    throw new ValueError(
      `batch: element ${index} lacks ${typeof key === 'string' ? quote(key) : key} in ${at(path)}, but element 0 has it.`,
      {
        path,
      },
    );
  });
}

function stackArrays(values: readonly unknown[], first: NDArray, path: string): NDArray {
  const arrays = values.map((value, index) => checkAlike(value, index, first, path));
  const size = sizeOfShape(first.shape);
  const shape = [values.length, ...first.shape];
  if (first.dtype === 'bytes') {
    return uncheckedArray(
      'bytes',
      shape,
      arrays.flatMap((array) => array.data as Uint8Array[]),
    );
  }
  const data = new TYPED_ARRAY_OF[first.dtype](values.length * size);
  arrays.forEach((array, index) => {
    (data as Float64Array).set(array.data as Float64Array, index * size);
  });
  markFresh(data);
  return { dtype: first.dtype, shape, data } as NDArray;
}

function checkAlike(value: unknown, index: number, first: NDArray, path: string): NDArray {
  if (!isNDArray(value) || value.dtype !== first.dtype) {
    const found = isNDArray(value) ? `of dtype ${value.dtype}` : showValue(value);
    throw new ValueError(
      `batch: element ${index} at ${at(path)} is ${found}, but element 0 has dtype ${first.dtype}.`,
      {
        path,
      },
    );
  }
  const { shape } = value;
  if (shape.length !== first.shape.length || shape.some((length, axis) => length !== first.shape[axis])) {
    throw new ShapeError(
      `batch: element ${index} at ${at(path)} has shape [${shape.join(', ')}], but element 0 has shape [${first.shape.join(', ')}]. ` +
        'Use map before batch to make the shapes equal, or use paddedBatch instead of batch.',
      { path, expected: first.shape, found: shape },
    );
  }
  // After the first array, only the number of elements needs a check, because numbers are copied by value.
  const isLikeFirst = index > 0 && value.dtype !== 'bytes' && value.data.length === first.data.length;
  const fault = isLikeFirst ? undefined : faultOfArray(value);
  if (fault !== undefined) throw new ValueError(`batch: element ${index} at ${at(path)}: ${fault}.`, { path });
  return value;
}

function containsNDArray(value: unknown, depth: number, item: unknown): boolean {
  if (isNDArray(value)) return true;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  if (depth > MAX_DEPTH) throw nestingError('batch', item);
  return Object.values(value).some((part) => containsNDArray(part, depth + 1, item));
}

function isSparseOrRagged(value: unknown): boolean {
  const { values, indices, rowSplits } = value as { values?: unknown; indices?: unknown; rowSplits?: unknown };
  return isNDArray(values) && (isNDArray(indices) || ArrayBuffer.isView(rowSplits));
}

function at(path: string): string {
  return path === '' ? 'the item itself' : path;
}
