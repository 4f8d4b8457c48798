/** The properties of a tensor that this package uses. */
export interface AnyTensor {
  readonly shape: readonly number[];
  readonly dtype?: string;
  /** Resolves with a copy of the tensor's elements. */
  data?(): Promise<ArrayLike<unknown>>;
  /** Frees the tensor's memory. */
  dispose(): void;
}

/** The dtypes of tfjs. */
export type TensorDType = 'float32' | 'int32' | 'bool' | 'string';

/** The arrays that `tf.tensor` accepts without conversion. */
export type TensorValues = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/**
 * The functions of `tf` that this package uses. `tf` is the namespace of `@tensorflow/tfjs`, `@tensorflow/tfjs-node` or
 * `@tensorflow/tfjs-core`. The functions are declared here, because this package must compile without tfjs.
 *
 * @typeParam T - the type of the tensors.
 */
export interface TensorFlow<T extends AnyTensor = AnyTensor> {
  /** Makes a tensor from elements. */
  tensor(values: TensorValues, shape: number[], dtype: TensorDType): T;
  /** Calls `fn`, then disposes of the tensors that `fn` made. */
  tidy(fn: () => void): unknown;
}

/** Yields the tensors in a structure of arrays and plain objects, in the order of their keys. */
export function* tensorsIn(value: unknown): Generator<AnyTensor, undefined> {
  if (typeof value !== 'object' || value === null) return;
  if (isTensor(value)) yield value;
  else for (const part of Object.values(value)) yield* tensorsIn(part);
}

/** Returns whether a value is a tensor of any copy of tfjs. */
export function isTensor(value: unknown): value is AnyTensor {
  const { shape, dispose } = (value ?? {}) as Partial<AnyTensor>;
  return Array.isArray(shape) && typeof dispose === 'function';
}
