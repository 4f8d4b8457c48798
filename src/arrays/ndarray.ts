import { ConfigError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';

/** The type of `data` for each dtype: a typed array, or a plain array for `bytes`. */
export interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  /** One byte for each element: 0 is false, other values are true. */
  bool: Uint8Array;
  /** One `Uint8Array` for each element. */
  bytes: Uint8Array[];
}

/** The dtypes of an {@link NDArray}. The names are TensorFlow's names, but `bytes` is `string` in TensorFlow. */
export type DType = keyof DataOf;

/**
 * An n-dimensional array in row-major order. A plain object, so you can write it as a literal, move it to a worker and
 * compare it in a test.
 *
 * @typeParam D - the dtype. For example, `NDArray<'float32'>['data']` is a `Float32Array`.
 */
export type NDArray<D extends DType = DType> = D extends DType
  ? {
      readonly dtype: D;
      /** The length of each dimension: `[]` for a scalar. */
      readonly shape: readonly number[];
      /** The elements. Their number is the product of `shape`. */
      readonly data: DataOf[D];
    }
  : never;

/** A sparse array. Row i of `indices` is the index of `values[i]`. */
export interface SparseArray<D extends DType = DType> {
  /** The indices of the values, of shape `[number of values, rank]`. */
  readonly indices: NDArray<'int64'>;
  /** The values, of shape `[number of values]`. */
  readonly values: NDArray<D>;
  readonly denseShape: readonly number[];
}

/** Rows of different lengths: row i is `values[rowSplits[i] … rowSplits[i + 1]]`. */
export interface RaggedArray<D extends DType = DType> {
  readonly values: NDArray<D>;
  /** The start of each row, and then the end of the last row. The first number is 0, and the numbers never decrease. */
  readonly rowSplits: Int32Array;
}

/** A {@link RaggedArray} of ragged rows. */
export interface NestedRaggedArray<D extends DType = DType> {
  readonly values: RaggedArray<D> | NestedRaggedArray<D>;
  /** Like {@link RaggedArray.rowSplits}. */
  readonly rowSplits: Int32Array;
}

export const TYPED_ARRAY_OF = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** The maximum number of elements of a tensor. */
export const MAX_ELEMENTS = 2 ** 31 - 1;

export function sizeOfShape(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

export function allocate<D extends DType>(dtype: D, size: number): DataOf[D];
export function allocate(dtype: DType, size: number): DataOf[DType] {
  if (dtype === 'bytes') return Array.from({ length: size }, () => new Uint8Array(0));
  return new TYPED_ARRAY_OF[dtype](size);
}

/** From this size, uninitialised memory is faster than zero-filled memory. */
const UNINITIALIZED_FROM_BYTES = 4096;

/** Returns memory with arbitrary content. The caller must write each number before reading it. */
export function uninitialized<D extends Exclude<DType, 'bytes'>>(dtype: D, size: number): DataOf[D];
export function uninitialized(dtype: Exclude<DType, 'bytes'>, size: number): DataOf[DType] {
  const type = TYPED_ARRAY_OF[dtype];
  const byteLength = size * type.BYTES_PER_ELEMENT;
  return byteLength < UNINITIALIZED_FROM_BYTES ? new type(size) : new type(Buffer.allocUnsafeSlow(byteLength).buffer);
}

/**
 * Makes an {@link NDArray} from its parts.
 *
 * @throws ConfigError if the dtype or shape is not valid, or does not match the data.
 */
export function ndarray<D extends DType>(dtype: D, shape: readonly number[], data: DataOf[D]): NDArray<D> {
  const array = uncheckedArray(dtype, shape, data);
  const fault = faultOfArray(array);
  if (fault !== undefined) throw new ConfigError(`ndarray: ${fault}`, { path: '' });
  return array;
}

export function uncheckedArray<D extends DType>(dtype: D, shape: readonly number[], data: DataOf[D]): NDArray<D>;
export function uncheckedArray(dtype: DType, shape: readonly number[], data: DataOf[DType]): unknown {
  return { dtype, shape, data };
}

/** True for a value with the `dtype`, `shape` and `data` of an NDArray. Does not check the number of elements. */
export function isNDArray(value: unknown): value is NDArray {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data } = value as Partial<NDArray>;
  if (!Array.isArray(shape) || typeof dtype !== 'string') return false;
  if (dtype === 'bytes') return Array.isArray(data);
  return Object.hasOwn(TYPED_ARRAY_OF, dtype) && ArrayBuffer.isView(data);
}

/** Returns the element of an NDArray with one element, and any other value unchanged. */
export function scalarOf(value: unknown): unknown {
  return isNDArray(value) && value.data.length === 1 ? value.data[0] : value;
}

export function faultOfArray(array: NDArray): string | undefined {
  const { dtype, shape, data } = array;
  if (isSoundNumbers(array)) return undefined;
  if (typeof dtype !== 'string' || (dtype !== 'bytes' && !Object.hasOwn(TYPED_ARRAY_OF, dtype))) {
    return `expected one of the dtypes ${[...Object.keys(TYPED_ARRAY_OF), 'bytes'].join(', ')}, found ${showValue(dtype)}`;
  }
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    const found = Array.isArray(shape) ? `[${shape.map(showValue).join(', ')}]` : showValue(shape);
    return `expected a shape of integers greater than or equal to 0, found ${found}`;
  }
  const fault = dtype === 'bytes' ? faultOfBytes(data) : faultOfNumbers(dtype, data);
  if (fault !== undefined) return fault;
  const size = sizeOfShape(shape);
  if (data.length === size) return undefined;
  return `expected ${size} elements (shape [${shape.join(', ')}]), found ${data.length}`;
}

function isSoundNumbers({ dtype, shape, data }: NDArray): boolean {
  if (typeof dtype !== 'string' || dtype === 'bytes' || !Array.isArray(shape) || !ArrayBuffer.isView(data))
    return false;
  if (data.constructor !== TYPED_ARRAY_OF[dtype]) return false;
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    const length = (shape as readonly number[])[axis] as number;
    if (!(Number.isInteger(length) && length >= 0)) return false;
    size *= length;
  }
  return data.length === size;
}

function faultOfNumbers(dtype: keyof typeof TYPED_ARRAY_OF, data: unknown): string | undefined {
  const { name } = TYPED_ARRAY_OF[dtype];
  // Not `instanceof`, because the data may come from another realm.
  if (ArrayBuffer.isView(data) && (data as Uint8Array)[Symbol.toStringTag] === name) return undefined;
  return `expected ${name} data for ${dtype}, found ${showValue(data)}`;
}

function faultOfBytes(data: unknown): string | undefined {
  if (!Array.isArray(data)) return `expected an array of Uint8Arrays for bytes, found ${showValue(data)}`;
  const elements: readonly unknown[] = data;
  for (let at = 0; at < elements.length; at++) {
    if (elements[at] instanceof Uint8Array) continue;
    return `dtype bytes: expected a Uint8Array as element ${at}, found ${showValue(elements[at])}`;
  }
  return undefined;
}

/** The dtypes of a `RawFeature`: all dtypes with elements of a fixed size. */
export type RawDType = keyof typeof TYPED_ARRAY_OF;
