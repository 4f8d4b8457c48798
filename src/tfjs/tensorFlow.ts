/** What the bridge asks of a tensor: its shape, and that it can be disposed of. */
export interface AnyTensor {
  readonly shape: readonly number[];
  readonly dtype?: string;
  data?(): Promise<ArrayLike<unknown>>;
  dispose(): void;
}

/** The dtypes that tfjs has. */
export type TensorDType = 'float32' | 'int32' | 'bool' | 'string';

/** The elements of a tensor as `tf.tensor` takes them without converting them. */
export type TensorValues = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/**
 * What the bridge asks of `tf`, the namespace of `@tensorflow/tfjs`, `@tensorflow/tfjs-node` or
 * `@tensorflow/tfjs-core`. It is described here instead of imported, so that this package compiles without them.
 *
 * @typeParam T - the tensors that it makes.
 */
export interface TensorFlow<T extends AnyTensor = AnyTensor> {
  tensor(values: TensorValues, shape: number[], dtype: TensorDType): T;
  tidy(fn: () => void): unknown;
}

/** The tensors in a structure of arrays and plain objects, in the order of their keys. */
export function* tensorsIn(value: unknown): Generator<AnyTensor, undefined> {
  if (typeof value !== 'object' || value === null) return;
  if (isTensor(value)) yield value;
  else for (const part of Object.values(value)) yield* tensorsIn(part);
}

/** Whether a value is a tensor of any copy of tfjs. */
export function isTensor(value: unknown): value is AnyTensor {
  const { shape, dispose } = (value ?? {}) as Partial<AnyTensor>;
  return Array.isArray(shape) && typeof dispose === 'function';
}
