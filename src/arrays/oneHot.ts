import { ConfigError, ValueError } from '../base/errors.js';
import { markFresh } from './freshMemory.js';
import { MAX_ELEMENTS, type NDArray } from './ndarray.js';
import { requireNumbers } from './requireArray.js';
import { showValue } from '../base/showValue.js';

/** Includes float32, because labels in CSV files and Records may be float32. */
type ClassNumbers = NDArray<
  'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32'
>;

export const NUMBER_THE_CLASSES =
  'Convert the text to class numbers in a map() before toDataset: stringLookup(classes, { numOovIndices: 0 })(label).';

/**
 * Converts class numbers to one-hot rows, like `tf.one_hot`.
 *
 * ```ts
 * import { ndarray, oneHot } from 'millrace';
 *
 * oneHot(ndarray('int64', [2], BigInt64Array.of(2n, 0n)), 3).data; // 0 0 1  1 0 0
 * ```
 *
 * @param labels - class numbers of any shape `[…s]`.
 * @param depth - the number of classes.
 * @returns float32 of shape `[…s, depth]`, in new memory.
 * @throws ConfigError if `depth` is not a positive integer, or if the result has more than 2^31 - 1 elements.
 * @throws ValueError if a label is not a whole number from 0 to depth - 1. For these labels, TensorFlow returns a row
 *   of zeros.
 */
export function oneHot(labels: ClassNumbers, depth: number): NDArray<'float32'> {
  if (!Number.isSafeInteger(depth) || depth < 1) {
    const message = `oneHot: depth: expected a positive integer, found ${showValue(depth)}`;
    throw new ConfigError(message, { path: 'depth' });
  }
  requireNumbers('oneHot', labels, remedyFor);
  const rows = labels.data.length;
  if (rows * depth > MAX_ELEMENTS) {
    const most = `at most ${Math.floor(MAX_ELEMENTS / rows)} classes for ${rows} labels`;
    throw new ConfigError(`oneHot: depth: expected ${most}, found ${depth}`, { path: 'depth' });
  }
  const data = new Float32Array(labels.data.length * depth);
  for (let index = 0; index < labels.data.length; index++) {
    const label = Number(labels.data[index]);
    if (!(Number.isInteger(label) && label >= 0 && label < depth)) throw badLabel(labels, index, depth);
    data[index * depth + label] = 1;
  }
  markFresh(data);
  return { dtype: 'float32', shape: [...labels.shape, depth], data };
}

function remedyFor(first: Uint8Array | undefined): string {
  const text = Buffer.from(first ?? []).toString('utf8');
  return /^[^\p{C}\ufffd]*\p{L}[^\p{C}\ufffd]*$/u.test(text)
    ? NUMBER_THE_CLASSES
    : "Parse the labels with dtype 'int64' or 'int32'.";
}

function badLabel({ data }: ClassNumbers, index: number, depth: number): ValueError {
  const expected = `an integer from 0 to ${depth - 1}`;
  return new ValueError(`oneHot: labels[${index}]: expected ${expected}, found ${String(data[index])}.`, { path: '' });
}
