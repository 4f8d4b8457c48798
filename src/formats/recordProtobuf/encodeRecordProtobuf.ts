import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { ConfigError } from '../../base/errors.js';
import { faultOfArray, isNDArray, type NDArray, type SparseArray } from '../../arrays/ndarray.js';
import { requireNames } from '../protobuf/requireNames.js';
import { tagOf, writeMapEntry } from '../protobuf/writeMapEntry.js';
import {
  RECORD_MAPS,
  TENSOR_KEYS,
  TENSOR_SHAPE,
  TENSOR_VALUES,
  VALUE_FIELDS,
  type RecordDType,
  type RecordMap,
} from './recordLayout.js';

/** A tensor that a Record can contain. */
export type RecordTensorValue = NDArray<RecordDType> | SparseArray<Exclude<RecordDType, 'bytes'>>;

/** The tensors of a Record, by name. SageMaker names a vector `values`. */
export interface RecordValues {
  readonly features: Readonly<Record<string, RecordTensorValue>>;
  /** The tensors of the label. Default: none. */
  readonly label?: Readonly<Record<string, RecordTensorValue>> | undefined;
}

/**
 * Serializes one Record of SageMaker's `application/x-recordio-protobuf`.
 *
 * ```ts
 * import { ndarray } from 'millrace';
 * import { encodeRecordIO, encodeRecordProtobuf } from 'millrace/formats';
 *
 * const record = encodeRecordIO(
 *   encodeRecordProtobuf({
 *     features: { values: ndarray('float32', [3], Float32Array.of(1, 2, 3)) },
 *     label: { values: ndarray('float32', [1], Float32Array.of(1)) },
 *   }),
 * );
 * ```
 *
 * As in SageMaker's writer, a vector is written without its shape. A scalar becomes a vector of one element. Numbers
 * are packed. Equal input produces equal bytes.
 *
 * @throws ConfigError if a Record cannot contain a tensor. The error's `path` names the tensor.
 */
export function encodeRecordProtobuf(values: RecordValues): Uint8Array {
  requireNames('encodeRecordProtobuf', values, 'values');
  const { features, label = {} } = values;
  const writer = new BinaryWriter();
  writeMap(writer, 'features', features);
  writeMap(writer, 'label', label);
  return writer.finish();
}

function writeMap(writer: BinaryWriter, map: RecordMap, tensors: Readonly<Record<string, RecordTensorValue>>): void {
  requireNames('encodeRecordProtobuf', tensors, map);
  for (const [name, tensor] of Object.entries(tensors)) {
    const path = `${map}.${name}`;
    writeMapEntry(writer, RECORD_MAPS[map], name, () => {
      if (isNDArray(tensor)) writeDense(writer, path, tensor);
      else writeSparse(writer, path, tensor);
    });
  }
}

function writeDense(writer: BinaryWriter, path: string, tensor: NDArray): void {
  const { shape } = tensor;
  if (tensor.dtype === 'bytes' && shape.length > 1) fail(path, `expected bytes of rank 1, found rank ${shape.length}`);
  writeTensor(writer, path, tensor, () => {
    if (shape.length > 1) writeUint64s(writer, TENSOR_SHAPE, shape);
  });
}

function writeSparse(writer: BinaryWriter, path: string, tensor: RecordTensorValue): void {
  const { values, indices, denseShape: shape } = (tensor ?? {}) as Partial<SparseArray>;
  if (!isNDArray(values) || !isNDArray(indices) || !shape) {
    return fail(path, 'expected an NDArray or a SparseArray');
  }
  const count = values.data.length;
  if (values.dtype === 'bytes') fail(path, 'expected an NDArray for bytes, found a SparseArray');
  if (indices.data.length !== count * shape.length) {
    fail(path, `expected indices of shape [${count}, ${shape.length}], found [${indices.shape.join(', ')}]`);
  }
  const keys = Array.from({ length: count }, (_, row) => {
    const place = Array.from(indices.data.subarray(row * shape.length, (row + 1) * shape.length), Number);
    return place.reduce((key, at, axis) => {
      const length = shape[axis] ?? 0;
      return at >= 0 && at < length
        ? key * length + at
        : fail(path, `[${place.join(', ')}] is outside of the denseShape`);
    }, 0);
  });
  writeTensor(writer, path, values, () => {
    if (keys.length > 0) writeUint64s(writer, TENSOR_KEYS, keys);
    writeUint64s(writer, TENSOR_SHAPE, shape);
  });
}

function writeTensor(writer: BinaryWriter, path: string, values: NDArray, writeRest: () => void): void {
  if (!Object.hasOwn(VALUE_FIELDS, values.dtype)) {
    fail(
      path,
      `expected one of ${Object.keys(VALUE_FIELDS).join(', ')}, found ${values.dtype}: convert the ` + 'values first',
    );
  }
  writer.uint32(tagOf(VALUE_FIELDS[values.dtype as RecordDType])).fork();
  const fault = faultOfArray(values);
  if (fault !== undefined) fail(path, fault);
  if (values.dtype === 'bytes') {
    for (const bytes of values.data) writer.uint32(tagOf(TENSOR_VALUES)).bytes(bytes);
  } else if (values.data.length > 0) {
    writer.uint32(tagOf(TENSOR_VALUES)).fork();
    writeNumbers(writer, values as NDArray<Exclude<RecordDType, 'bytes'>>);
    writer.join();
  }
  writeRest();
  writer.join();
}

function writeNumbers(writer: BinaryWriter, { dtype, data }: NDArray<Exclude<RecordDType, 'bytes'>>): void {
  if (dtype === 'int32') for (const value of data) writer.int32(value);
  else writer.raw(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeUint64s(writer: BinaryWriter, field: number, numbers: readonly number[]): void {
  writer.uint32(tagOf(field)).fork();
  for (const number of numbers) writer.uint64(number);
  writer.join();
}

function fail(path: string, message: string): never {
  throw new ConfigError(`encodeRecordProtobuf: ${path}: ${message}`, { path });
}
