import { bytesType } from '../protobuf/bytesValues.js';
import { float32Type } from '../protobuf/float32Values.js';
import { narrowType } from '../protobuf/narrowValues.js';
import { FIXED64, LENGTH_DELIMITED, VARINT, type WireReader } from '../protobuf/wireReader.js';
import type { Values } from '../protobuf/values.js';
import { TENSOR_VALUES, type RecordDType } from './recordLayout.js';

const PACKED_VALUES = (TENSOR_VALUES << 3) | LENGTH_DELIMITED;
const SINGLE_VALUE = (TENSOR_VALUES << 3) | FIXED64;
const DOUBLE_BYTES = 8;

/** Reads the values of a tensor message: field 1, packed or not. */
export interface TensorValueType<D extends RecordDType = RecordDType> {
  readonly dtype: D;
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<D>;
}

export const TENSOR_VALUE_TYPES: { readonly [D in RecordDType]: TensorValueType<D> } = {
  float32: float32Type,
  float64: { dtype: 'float64', count: countDoubles, allocate: (size) => new Float64Values(size) },
  int32: narrowType('int32'),
  bytes: bytesType,
};

function countDoubles(wire: WireReader, end: number): number {
  let count = 0;
  forEachRun(wire, end, (runEnd) => {
    const bytes = runEnd - wire.position;
    if (bytes % DOUBLE_BYTES !== 0)
      wire.fail('malformed', `expected float64 values of 8 bytes each, found ${bytes} bytes`);
    count += bytes / DOUBLE_BYTES;
    wire.position = runEnd;
  });
  return count;
}

class Float64Values implements Values<'float64'> {
  readonly data: Float64Array;
  readonly #memory: Uint8Array;

  constructor(size: number) {
    this.data = new Float64Array(size);
    this.#memory = new Uint8Array(this.data.buffer);
  }

  read(wire: WireReader, end: number, at: number): void {
    let byte = DOUBLE_BYTES * at;
    forEachRun(wire, end, (runEnd) => {
      const runBytes = runEnd - wire.position;
      wire.copy(runEnd, this.#memory, byte);
      byte += runBytes;
    });
  }
}

function forEachRun(wire: WireReader, end: number, read: (runEnd: number) => void): void {
  while (wire.position < end) {
    const tag = wire.tag(end);
    if (tag === PACKED_VALUES) read(wire.enter(end));
    else if (tag === SINGLE_VALUE && wire.position + DOUBLE_BYTES <= end) read(wire.position + DOUBLE_BYTES);
    else wire.skip(tag, end);
  }
}

/** Reads a repeated uint64 field, packed or not. The numbers must be safe integers. */
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
