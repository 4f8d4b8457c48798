import { MAX_ELEMENTS, sizeOfShape } from '../../arrays/ndarray.js';
import { floatType } from '../protobuf/floatValues.js';
import { forEachMessage } from '../protobuf/forEachMessage.js';
import { countInt64s, Int64Values } from '../protobuf/int64Values.js';
import { LENGTH_DELIMITED, VARINT, type WireReader } from '../protobuf/wireReader.js';
import { STORED_ARRAY_OF, type DecodeRawDType } from '../storedNumbers.js';
import {
  DATA_TYPES,
  INT_FIELD,
  SHAPE_DIM,
  STRINGS_FIELD,
  ELEMENT_FIELDS,
  type ParseTensorDType,
} from './tensorLayout.js';

const DTYPE = (1 << 3) | VARINT;
const SHAPE = (2 << 3) | LENGTH_DELIMITED;
const CONTENT = (4 << 3) | LENGTH_DELIMITED;
const DIM_SIZE = (1 << 3) | VARINT;

/** A TensorProto in a record. */
export interface FoundTensorProto {
  readonly start: number;
  readonly end: number;
  /** The position of `tensor_content`, which may be empty. */
  readonly contentStart: number;
  readonly contentEnd: number;
  readonly shape: readonly number[];
  readonly size: number;
}

/** TensorFlow's limit. */
const MAX_RANK = 254;

/** A limit is necessary because a few bytes can declare any number of repeated elements. */
const MAX_REPEATED_BYTES = 2 ** 28;

/** @throws FormatError if the message that ends at `end` is not a TensorProto of this dtype. */
export function findTensor(wire: WireReader, end: number, dtype: ParseTensorDType): FoundTensorProto {
  const start = wire.position;
  const shape: number[] = [];
  let dataType = 0;
  let contentStart = end;
  let contentEnd = end;
  while (wire.position < end) {
    const tag = wire.tag(end);
    if (tag === DTYPE) {
      wire.varint(end);
      dataType = wire.low;
    } else if (tag === SHAPE) {
      forEachMessage(wire, SHAPE_DIM, wire.enter(end), (dimEnd) => shape.push(readLength(wire, dimEnd)));
    } else if (tag === CONTENT) {
      contentEnd = wire.enter(end);
      contentStart = wire.position;
      wire.position = contentEnd;
    } else wire.skip(tag, end);
  }
  const size = sizeOfShape(shape);
  const check = (isMet: boolean, expected: string): void => {
    if (isMet) return;
    const found = dataType === 0 ? 'no dtype' : (DATA_TYPES[dataType] ?? `dtype ${dataType}`);
    wire.fail('malformed', `expected a TensorProto ${expected}, found ${found} of shape [${shape.join(', ')}]`, start);
  };
  check(DATA_TYPES[dataType] === dtype, `of dtype ${dtype}`);
  check(shape.length <= MAX_RANK && shape.every((length) => length >= 0), `with at most ${MAX_RANK} known lengths`);
  check(size <= MAX_ELEMENTS, `with at most ${MAX_ELEMENTS} elements`);
  const itemBytes = dtype === 'bytes' ? 8 : STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT;
  const bytes = contentEnd - contentStart;
  const isRepeated = bytes === 0 && size > end - start;
  check(
    !isRepeated || size * itemBytes <= MAX_REPEATED_BYTES,
    `that repeats its last element to at most ${MAX_REPEATED_BYTES} bytes`,
  );
  check(
    dtype === 'bytes' || bytes * size === 0 || bytes === size * itemBytes,
    `whose tensor_content of ${bytes} bytes fits its shape`,
  );
  return { start, end, contentStart, contentEnd, shape, size };
}

function readLength(wire: WireReader, end: number): number {
  let length = 0;
  while (wire.position < end) {
    const tag = wire.tag(end);
    wire.skip(tag, end);
    if (tag === DIM_SIZE) length = wire.high * 2 ** 32 + (wire.low >>> 0);
  }
  return length;
}

/** Writes the numbers of a tensor, in little-endian order, to `target`, which has the same length. */
export function readTensorNumbers(
  wire: WireReader,
  tensor: FoundTensorProto,
  dtype: DecodeRawDType,
  target: Uint8Array,
): void {
  const { start, end, contentStart, contentEnd, size } = tensor;
  if (size === 0) return;
  if (contentEnd > contentStart) {
    wire.position = contentStart;
    wire.copy(contentEnd, target, 0);
    if (dtype === 'bool' && target.some((byte) => byte > 1)) {
      wire.fail('malformed', 'expected 0 or 1 in each byte of a bool tensor', contentStart);
    }
    return;
  }
  const field = ELEMENT_FIELDS[dtype] ?? INT_FIELD;
  const isFloat = dtype === 'float32' || dtype === 'float64';
  const type = isFloat ? floatType(dtype, field) : undefined;
  wire.position = start;
  const count = type ? type.count(wire, end) : countInt64s(wire, end, field);
  const values = type ? type.allocate(count) : new Int64Values(count, field);
  wire.position = start;
  values.read(wire, end, 0);
  const numbers = values instanceof Int64Values ? integersOf(values, dtype) : (values.data as Float32Array);
  const itemBytes = numbers.BYTES_PER_ELEMENT;
  const written = Math.min(count, size) * itemBytes;
  target.set(new Uint8Array(numbers.buffer, 0, written));
  if (count === 0) target.fill(0);
  const last = written - itemBytes;
  for (let at = written; count > 0 && at < target.length; at += at - last) target.copyWithin(at, last, at);
}

/** Removes surplus bits, like TensorFlow. */
function integersOf({ data, words }: Int64Values, dtype: DecodeRawDType): Uint8Array | BigUint64Array {
  if (dtype === 'bool') return Uint8Array.from(data, (value) => Number(value !== 0n));
  if (dtype === 'int64' || dtype === 'uint64') return new BigUint64Array(data.buffer);
  return new STORED_ARRAY_OF[dtype](words.filter((_, at) => at % 2 === 0)) as Uint8Array;
}

/** Returns the elements of a tensor of dtype `bytes`, as views on the record. */
export function readTensorStrings(wire: WireReader, tensor: FoundTensorProto): Uint8Array[] {
  const { start, end, size, contentStart, contentEnd } = tensor;
  const elements: Uint8Array[] = [];
  if (contentEnd > contentStart && size > 0) {
    wire.position = contentStart;
    const lengths: number[] = [];
    while (lengths.length < size) {
      wire.varint(contentEnd);
      lengths.push((wire.high >>> 0) * 2 ** 32 + (wire.low >>> 0));
    }
    const total = lengths.reduce((sum, length) => sum + length, wire.position - contentStart);
    const found = contentEnd - contentStart;
    if (total !== found) {
      wire.fail('malformed', `expected ${total} bytes of tensor_content, found ${found}`, contentStart);
    }
    return lengths.map((length) => wire.take(wire.position + length));
  }
  wire.position = start;
  forEachMessage(wire, STRINGS_FIELD, end, (valueEnd) => elements.push(wire.take(valueEnd)));
  const last = elements.at(-1) ?? new Uint8Array(0);
  return Array.from({ length: size }, (_, at) => elements[at] ?? last);
}
