import { bytesType } from '../protobuf/bytesValues.js';
import { float32Type, floatType } from '../protobuf/floatValues.js';
import { narrowType } from '../protobuf/narrowValues.js';
import { LENGTH_DELIMITED, VARINT, type WireReader } from '../protobuf/wireReader.js';
import type { Values } from '../protobuf/values.js';
import { TENSOR_VALUES, type RecordDType } from './recordLayout.js';

/** Reads the values of a tensor message: field 1, packed or not. */
export interface TensorValueType<D extends RecordDType = RecordDType> {
  readonly dtype: D;
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<D>;
}

export const TENSOR_VALUE_TYPES: { readonly [D in RecordDType]: TensorValueType<D> } = {
  float32: float32Type,
  float64: floatType('float64', TENSOR_VALUES),
  int32: narrowType('int32'),
  bytes: bytesType,
};

/** Reads a repeated uint64 field, packed or not. All values must be safe integers. */
export function readUint64s(wire: WireReader, end: number, field: number): number[] {
  const packed = (field << 3) | LENGTH_DELIMITED;
  const single = (field << 3) | VARINT;
  const numbers: number[] = [];
  const readUntil = (runEnd: number, limit: number): void => {
    while (wire.position < runEnd) {
      const start = wire.position;
      wire.varint(limit);
      const number = (wire.high >>> 0) * 2 ** 32 + (wire.low >>> 0);
      if (number > Number.MAX_SAFE_INTEGER) wire.fail('malformed', 'a key or a length exceeds 2^53 - 1', start);
      numbers.push(number);
    }
  };
  while (wire.position < end) {
    const tag = wire.tag(end);
    if (tag === packed) {
      const runEnd = wire.enter(end);
      readUntil(runEnd, runEnd);
    } else if (tag === single) {
      readUntil(wire.position + 1, end);
    } else wire.skip(tag, end);
  }
  return numbers;
}
