import type { DecodeRawDType } from '../storedNumbers.js';
import { STORED_DTYPES } from '../storedNumbers.js';

/*
 *   message TensorProto      { DataType dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4;
 *                              repeated float float_val = 5; …; repeated bytes string_val = 8; … }  // see ELEMENT_FIELDS
 *   message TensorShapeProto { repeated Dim dim = 2; }
 *   message Dim              { int64 size = 1; }
 *
 * `tensor_content` contains all elements: numbers in little-endian order; for strings, the lengths as varints, then the
 * bytes. If it is empty, one of the fields `…_val` contains the elements. If elements are missing, the last one is
 * repeated. If there are none, all are 0 or empty.
 *
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/tensor.proto
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/types.proto
 */
export const STRINGS_FIELD = 8;
export const SHAPE_DIM = 2;

/** The dtypes of {@link parseTensor}: those of `decodeRaw`, and `bytes`. */
export type ParseTensorDType = DecodeRawDType | 'bytes';

export const TENSOR_DTYPES = ['bytes', ...STORED_DTYPES] as const;

/** TensorFlow's `DataType`. {@link parseTensor} cannot read the dtypes for which Millrace has no array. */
export const DATA_TYPES = (
  ',float32,float64,int32,uint8,int16,int8,bytes,complex64,int64,bool,qint8,quint8,qint32,bfloat16,qint16,quint16,' +
  'uint16,complex128,float16,resource,variant,uint32,uint64'
).split(',');

/** The field number of the elements of each dtype. For dtypes that are not listed, it is {@link INT_FIELD}. */
export const ELEMENT_FIELDS: Readonly<Record<string, number>> = {
  float32: 5,
  float64: 6,
  int64: 10,
  bool: 11,
  float16: 13,
  bfloat16: 13,
  uint32: 16,
  uint64: 17,
};
export const INT_FIELD = 7;
