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

/** Uninitialised room for `size` numbers. The caller must write every one before it reads them. */
export function uninitialized<D extends Exclude<DType, 'bytes'>>(dtype: D, size: number): DataOf[D];
export function uninitialized(dtype: Exclude<DType, 'bytes'>, size: number): DataOf[DType] {
  const type = TYPED_ARRAY_OF[dtype];
  const byteLength = size * type.BYTES_PER_ELEMENT;
  return byteLength < UNINITIALIZED_FROM_BYTES ? new type(size) : new type(Buffer.allocUnsafeSlow(byteLength).buffer);
}

/** An {@link NDArray} from its parts. */
export function ndarray<D extends DType>(dtype: D, shape: readonly number[], data: DataOf[D]): NDArray<D>;
export function ndarray(dtype: DType, shape: readonly number[], data: DataOf[DType]): unknown {
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
