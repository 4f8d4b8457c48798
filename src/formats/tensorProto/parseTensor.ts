import { uncheckedArray, uninitialized, type NDArray, type RawDType } from '../../arrays/ndarray.js';
import { ConfigError } from '../../base/errors.js';
import { requireBytes } from '../../base/requireBytes.js';
import { showValue } from '../../base/showValue.js';
import { WireReader } from '../protobuf/wireReader.js';
import { requireLittleEndian } from '../requireLittleEndian.js';
import {
  STORED_ARRAY_OF,
  storedDType,
  storedNumbers,
  type DecodedRawDType,
  type DecodeRawDType,
} from '../storedNumbers.js';
import { TENSOR_DTYPES, type ParseTensorDType } from './tensorLayout.js';
import { findTensor, readTensorNumbers, readTensorStrings } from './tensorProto.js';

/** The dtype of the parsed array. `float16` and `bfloat16` become float32. */
export type ParsedTensorDType<D extends ParseTensorDType> = D extends DecodeRawDType ? DecodedRawDType<D> : 'bytes';

class TensorWireReader extends WireReader {
  override readonly format = 'TensorProto';
}

/**
 * Parses a serialized `TensorProto`, like `tf.io.parse_tensor`. `tf.io.serialize_tensor` writes this format.
 *
 * ```ts
 * import { parseTensor } from 'millrace/formats';
 *
 * const serialized = Buffer.from('CAESBBICCAIiCAAAgD8AAABA', 'base64');
 * parseTensor(serialized, 'float32'); // an array of shape [2] with 1 and 2
 * ```
 *
 * The shape is stored in the bytes. If a tensor stores fewer elements than its shape has, the last element is repeated,
 * up to 256 MiB. Numbers are copied. Elements of dtype `bytes` are views. float16 and bfloat16 become float32 without
 * loss.
 *
 * For tensors in features of Examples, use {@link tensorFeature}.
 *
 * @param recordIndex - the record index in errors. Default: 0.
 * @throws ConfigError if the dtype is unknown or `serialized` is not a Uint8Array.
 * @throws FormatError if the bytes are not a TensorProto of this dtype.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/parse_tensor
 */
export function parseTensor<D extends ParseTensorDType>(
  serialized: Uint8Array,
  dtype: D,
  recordIndex?: number,
): NDArray<ParsedTensorDType<D>>;
export function parseTensor(serialized: Uint8Array, dtype: ParseTensorDType, recordIndex = 0): NDArray {
  requireLittleEndian();
  requireBytes('parseTensor', serialized, { path: 'serialized' });
  if (!TENSOR_DTYPES.includes(dtype)) {
    const message = `expected one of ${TENSOR_DTYPES.join(', ')}, found ${showValue(dtype)}`;
    throw new ConfigError(`parseTensor: dtype: ${message}`, { path: 'dtype' });
  }
  const wire = new TensorWireReader();
  wire.open(serialized, recordIndex);
  const tensor = findTensor(wire, serialized.length, dtype);
  if (dtype === 'bytes') return uncheckedArray(dtype, tensor.shape, readTensorStrings(wire, tensor));
  const memory = uninitialized('uint8', tensor.size * STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT);
  readTensorNumbers(wire, tensor, dtype, memory);
  return uncheckedArray<RawDType>(storedDType(dtype), tensor.shape, storedNumbers(dtype, memory));
}
