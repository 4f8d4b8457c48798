import { isNDArray, uncheckedArray, type NDArray } from '../arrays/ndarray.js';
import { requireArray } from '../arrays/requireArray.js';
import { ValueError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';
import type { OrtTensor } from './ortTensor.js';

/**
 * Converts the outputs of an ONNX model to NDArrays, for example for `writeRecords`.
 *
 * The arrays share the memory of the tensors. Only strings are copied, as UTF-8.
 *
 * @param outputs - the result of `session.run`. Tensors on a GPU must be downloaded first, with `getData()`.
 * @returns an array of the same name and shape for each tensor.
 * @throws ValueError if an output is not a tensor, or has a dtype that an NDArray cannot have, for example float16.
 *
 * @see https://onnxruntime.ai/docs/api/js/interfaces/InferenceSession-1.html
 */
export function fromOrtTensors<O extends Readonly<Record<string, OrtTensor>>>(outputs: O): { [K in keyof O]: NDArray } {
  if (typeof outputs !== 'object' || outputs === null) {
    const message = `expected the result of session.run(), found ${showValue(outputs)}`;
    throw new ValueError(`fromOrtTensors: ${message}.`, { path: '' });
  }
  const arrays = Object.entries(outputs).map(([name, tensor]) => [name, toArray(name, tensor)]);
  return Object.fromEntries(arrays) as { [K in keyof O]: NDArray };
}

function toArray(name: string, tensor: unknown): NDArray {
  if (typeof tensor !== 'object' || tensor === null || !('type' in tensor)) {
    throw new ValueError(`fromOrtTensors: ${name}: expected a tensor, found ${showValue(tensor)}.`, { path: name });
  }
  const { type, data, dims } = tensor as OrtTensor;
  const array: unknown =
    type === 'string'
      ? { dtype: 'bytes', shape: dims, data: (data as string[]).map((text) => new Uint8Array(Buffer.from(text))) }
      : { dtype: type, shape: dims, data };
  if (!isNDArray(array)) {
    throw new ValueError(
      `fromOrtTensors: ${name}: NDArrays have no dtype ${type}. Add a Cast to float32 or int32 to the model, or read ` +
        'the data of the tensor.',
      { path: name },
    );
  }
  requireArray('fromOrtTensors', array, name);
  return uncheckedArray(array.dtype, [...array.shape], array.data);
}
