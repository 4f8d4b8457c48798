/** The properties of a tensor that this package uses. */
export interface AnyTensor {
  readonly shape: readonly number[];
  readonly dtype?: string;
  /** Resolves with a copy of the elements. */
  data?(): Promise<ArrayLike<unknown>>;
  /** Frees the memory. */
  dispose(): void;
}

/** The dtypes of tfjs. */
export type TensorDType = 'float32' | 'int32' | 'bool' | 'string';

/** The arrays that `tf.tensor` accepts without conversion. */
export type TensorValues = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** The functions of `tf` that this package uses, declared here so that the package compiles without tfjs. */
export interface TensorFlow<T extends AnyTensor = AnyTensor> {
  /** Makes a tensor. */
  tensor(values: TensorValues, shape: number[], dtype: TensorDType): T;
  /** Calls `fn`, and then disposes of the tensors that `fn` has made but not returned. */
  tidy(fn: () => void): unknown;
}

/** Yields the tensors in a value, in the order of the keys of its objects. */
export function* tensorsIn(value: unknown): Generator<AnyTensor, undefined> {
  if (typeof value !== 'object' || value === null) return;
  if (isTensor(value)) yield value;
  else for (const part of Object.values(value)) yield* tensorsIn(part);
}

/** Recognises the tensors of any copy of tfjs. */
export function isTensor(value: unknown): value is AnyTensor {
  const { shape, dispose } = (value ?? {}) as Partial<AnyTensor>;
  return Array.isArray(shape) && typeof dispose === 'function';
}
