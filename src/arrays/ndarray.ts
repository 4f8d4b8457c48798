import { ConfigError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';

/** The typed array (or list) that holds the elements of each dtype. */
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
  /** 0 is false, anything else true. */
  bool: Uint8Array;
  /** One `Uint8Array` an element: `tf.string`'s bytes. */
  bytes: Uint8Array[];
}

/** The element types of an {@link NDArray}, under TensorFlow's names (`bytes` is its `string`). */
export type DType = keyof DataOf;

/**
 * An n-dimensional array in row-major order: a tensor that is not a tensor yet.
 *
 * It is a plain object, so it can be made by hand, moved to a worker and compared in a test.
 *
 * @typeParam D - the dtype, known to TypeScript: `NDArray<'float32'>['data']` is a `Float32Array`.
 */
export type NDArray<D extends DType = DType> = D extends DType
  ? {
      readonly dtype: D;
      /** Its length in each dimension; `[]` is a scalar. */
      readonly shape: readonly number[];
      /** As many elements as the product of `shape`. */
      readonly data: DataOf[D];
    }
  : never;

/** Some elements of a mostly empty array: `values[i]` stands at row i of `indices`. */
export interface SparseArray<D extends DType = DType> {
  /** Shape `[values, rank]`. */
  readonly indices: NDArray<'int64'>;
  /** Shape `[values]`. */
  readonly values: NDArray<D>;
  readonly denseShape: readonly number[];
}

/** Rows of unequal length: row i is `values[rowSplits[i] … rowSplits[i + 1]]`. */
export interface RaggedArray<D extends DType = DType> {
  readonly values: NDArray<D>;
  /** One entry more than there are rows, from 0, never falling. */
  readonly rowSplits: Int32Array;
}

/** The constructor of each dtype's typed array (`bytes` has none: a plain array). */
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

/** The number of elements that an array of this shape has. */
export function sizeOfShape(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Room for `size` elements: zeros, or an array of empty `Uint8Array`s for `bytes`. */
export function allocate<D extends DType>(dtype: D, size: number): DataOf[D];
export function allocate(dtype: DType, size: number): DataOf[DType] {
  if (dtype === 'bytes') return Array.from({ length: size }, () => new Uint8Array(0));
  return new TYPED_ARRAY_OF[dtype](size);
}

/** From this size on, uninitialised memory is faster than zero-filled memory. */
const UNINITIALIZED_FROM_BYTES = 4096;

/** Returns an uninitialised typed array of `size` numbers. The caller must write each number before reading it. */
export function uninitialized<D extends Exclude<DType, 'bytes'>>(dtype: D, size: number): DataOf[D];
export function uninitialized(dtype: Exclude<DType, 'bytes'>, size: number): DataOf[DType] {
  const type = TYPED_ARRAY_OF[dtype];
  const byteLength = size * type.BYTES_PER_ELEMENT;
  return byteLength < UNINITIALIZED_FROM_BYTES ? new type(size) : new type(Buffer.allocUnsafeSlow(byteLength).buffer);
}

/**
 * Makes an {@link NDArray} from its parts.
 *
 * @throws ConfigError if the dtype or shape is not valid, the data have another dtype, or the number of elements is not
 *   that of the shape.
 */
export function ndarray<D extends DType>(dtype: D, shape: readonly number[], data: DataOf[D]): NDArray<D>;
export function ndarray(dtype: DType, shape: readonly number[], data: DataOf[DType]): unknown {
  const fault = faultOfArray({ dtype, shape, data } as NDArray);
  if (fault !== undefined) throw new ConfigError(`ndarray: ${fault}`, { path: '' });
  return { dtype, shape, data };
}

/** Whether a value is an {@link NDArray}: told by its three properties, since it is a plain object. */
export function isNDArray(value: unknown): value is NDArray {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data } = value as Partial<NDArray>;
  if (!Array.isArray(shape) || typeof dtype !== 'string') return false;
  if (dtype === 'bytes') return Array.isArray(data);
  return Object.hasOwn(TYPED_ARRAY_OF, dtype) && ArrayBuffer.isView(data);
}

/**
 * Returns the fault of an array: data of another dtype, or a number of elements that is not that of its shape. Returns
 * `undefined` if there is none. Checked at run time because JavaScript and JSON have no types.
 */
export function faultOfArray(array: NDArray): string | undefined {
  const { dtype, shape, data } = array;
  if (isSoundNumbers(array)) return undefined;
  if (dtype !== 'bytes' && !Object.hasOwn(TYPED_ARRAY_OF, dtype)) {
    return `expected a dtype of ${[...Object.keys(TYPED_ARRAY_OF), 'bytes'].join(', ')}, found ${showValue(dtype)}`;
  }
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    return `expected a shape of integers from 0, found ${Array.isArray(shape) ? `[${shape.map(showValue).join(', ')}]` : showValue(shape)}`;
  }
  const fault = dtype === 'bytes' ? faultOfBytes(data) : faultOfNumbers(dtype, data);
  if (fault !== undefined) return fault;
  const size = sizeOfShape(shape);
  if (data.length === size) return undefined;
  return `expected ${size} elements (shape [${shape.join(', ')}]), found ${data.length}`;
}

/** Accepts most sound arrays without the cost of a search for faults. */
function isSoundNumbers({ dtype, shape, data }: NDArray): boolean {
  if (dtype === 'bytes' || !Array.isArray(shape) || !ArrayBuffer.isView(data)) return false;
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
  // By name, for typed arrays of other realms.
  if (ArrayBuffer.isView(data) && (data as Uint8Array)[Symbol.toStringTag] === name) return undefined;
  return `expected the data of ${dtype} in ${name}, found ${showValue(data)}`;
}

function faultOfBytes(data: unknown): string | undefined {
  if (!Array.isArray(data)) return `expected the data of bytes in an array of Uint8Arrays, found ${showValue(data)}`;
  const elements: readonly unknown[] = data;
  for (let at = 0; at < elements.length; at++) {
    if (elements[at] instanceof Uint8Array) continue;
    return `expected a Uint8Array as element ${at} of bytes, found ${showValue(elements[at])}`;
  }
  return undefined;
}

/** The dtypes that a `RawFeature` can hold: every one of fixed size. */
export type RawDType = keyof typeof TYPED_ARRAY_OF;
