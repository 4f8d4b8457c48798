import { ValueError } from './errors.js';
import { markFresh } from './freshMemory.js';
import type { NDArray } from './ndarray.js';

/** The dtypes that class numbers come in. */
type IntegerArray = NDArray<'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64'>;

/**
 * Class numbers as rows of zeros with a one: `tf.one_hot`.
 *
 * ```ts
 * import { ndarray, oneHot } from 'millrace';
 *
 * oneHot(ndarray('int64', [2], BigInt64Array.of(2n, 0n)), 3).data; // 0 0 1  1 0 0
 * ```
 *
 * @param labels - integers of any shape `[…s]`.
 * @param depth - the number of classes.
 * @returns float32 of shape `[…s, depth]`, in fresh memory.
 * @throws ValueError where a label is not from 0 to depth - 1. (TensorFlow gives a row of zeros there, which trains on
 * a wrong label without a word.)
 */
export function oneHot(labels: IntegerArray, depth: number): NDArray<'float32'> {
  const data = new Float32Array(labels.data.length * depth);
  labels.data.forEach((value: number | bigint, index: number) => {
    const label = Number(value);
    if (label < 0 || label >= depth) {
      throw new ValueError(`oneHot: label ${value} at index ${index} is not from 0 to ${depth - 1}.`, { path: '' });
    }
    data[index * depth + label] = 1;
  });
  markFresh(data);
  return { dtype: 'float32', shape: [...labels.shape, depth], data };
}
