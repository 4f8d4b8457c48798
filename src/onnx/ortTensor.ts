import type { DataOf, DType } from '../arrays/ndarray.js';

/** ONNX Runtime's name for a dtype of NDArrays. The dtype `bytes` is called `string`. */
export type OrtDType = Exclude<DType, 'bytes'> | 'string';

/** The data of a tensor. Strings are a plain array. */
export type OrtData = DataOf[Exclude<DType, 'bytes'>] | string[];

/** The parts of `onnxruntime-node` (or `-web`) that `toOrtTensors` uses. `T` is the type of its tensors. */
export interface OnnxRuntime<T> {
  readonly Tensor: new (type: OrtDType, data: OrtData, dims: readonly number[]) => T;
}

/** The parts of a model's output that `fromOrtTensors` reads. */
export interface OrtTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}
