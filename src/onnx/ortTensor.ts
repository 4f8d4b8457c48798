import type { DataOf, DType } from '../arrays/ndarray.js';

/** The name of a dtype in ONNX Runtime, for dtypes that an NDArray has. NDArray's `bytes` are `string`. */
export type OrtDType = Exclude<DType, 'bytes'> | 'string';

/** The data of a tensor. Strings are a plain array. */
export type OrtData = DataOf[Exclude<DType, 'bytes'>] | string[];

/** The parts of `onnxruntime-node` (or `-web`) that this entry uses. `T` is the type of its tensors. */
export interface OnnxRuntime<T> {
  readonly Tensor: new (type: OrtDType, data: OrtData, dims: readonly number[]) => T;
}

/** The parts of an output of a model that this entry reads. */
export interface OrtTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}
