import { STORED_ARRAY_OF, storedDType } from '../../../src/formats/storedNumbers.js';
import type { ParseTensorDType } from '../../../src/formats/tensorProto/tensorLayout.js';
import { arrayText } from './columnText.js';
import { inPieces, varints } from './readExample.js';
import { delimited, messagesIn, NoMessage, wireFields, type WireField } from './wireFields.js';
import { widened } from './widened.js';

/** The number and the wire type of each field in TensorFlow's tensor.proto. */
export const FIELDS = {
  float32: { field: 5, wireType: 5 },
  float64: { field: 6, wireType: 1 },
  int8: { field: 7, wireType: 0 },
  uint8: { field: 7, wireType: 0 },
  int16: { field: 7, wireType: 0 },
  uint16: { field: 7, wireType: 0 },
  int32: { field: 7, wireType: 0 },
  int64: { field: 10, wireType: 0 },
  bool: { field: 11, wireType: 0 },
  float16: { field: 13, wireType: 0 },
  bfloat16: { field: 13, wireType: 0 },
  uint32: { field: 16, wireType: 0 },
  uint64: { field: 17, wireType: 0 },
} as const;

/** `DataType` in TensorFlow's types.proto. */
export const DATA_TYPES: Readonly<Record<ParseTensorDType, bigint>> = {
  float32: 1n,
  float64: 2n,
  int32: 3n,
  uint8: 4n,
  int16: 5n,
  int8: 6n,
  bytes: 7n,
  int64: 9n,
  bool: 10n,
  bfloat16: 14n,
  uint16: 17n,
  float16: 19n,
  uint32: 22n,
  uint64: 23n,
};

interface ReferenceTensor {
  readonly shape: readonly number[];
  readonly text: string;
}

/** Reads a TensorProto with a generic protobuf library. */
export function readTensor(serialized: Uint8Array, dtype: ParseTensorDType, rows?: number): ReferenceTensor {
  const fields = wireFields(serialized);
  const type = fields.findLast(({ number, wireType }) => number === 1 && wireType === 0)?.value;
  if (BigInt.asUintN(32, (type as bigint | undefined) ?? 0n) !== DATA_TYPES[dtype]) throw new NoMessage('dtype');
  const shape = messagesIn(serialized, 2).flatMap((dims) => messagesIn(dims, 2).map(lengthOf));
  const size = shape.reduce((product, length) => product * length, 1);
  if (size > 2 ** 31 - 1 || shape.length > 254) throw new NoMessage('too large');
  const content = messagesIn(serialized, 4).at(-1) ?? new Uint8Array(0);
  const stored = size === 0 ? [] : content.length > 0 ? inContent(content, dtype, size) : inFields(fields, dtype, size);
  const outShape = rows === undefined ? shape : [rows, ...shape];
  if (dtype === 'bytes') return { shape, text: arrayText(dtype, outShape, stored) };
  return { shape, text: arrayText(storedDType(dtype), outShape, [widened(dtype, Buffer.concat(stored))]) };
}

function lengthOf(dim: Uint8Array): number {
  const field = wireFields(dim).findLast(({ number, wireType }) => number === 1 && wireType === 0);
  for (const { number, wireType, value } of wireFields(dim)) {
    if (number === 1 && wireType === 0 && BigInt.asIntN(64, value as bigint) < 0n)
      throw new NoMessage('a length below 0');
  }
  return Number(field?.value ?? 0n);
}

function inContent(content: Uint8Array, dtype: ParseTensorDType, size: number): Uint8Array[] {
  if (dtype !== 'bytes') {
    const pieces = inPieces(content, STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT);
    if (pieces.length !== size || (dtype === 'bool' && content.some((byte) => byte > 1)))
      throw new NoMessage('content');
    return pieces;
  }
  let start = 0;
  const lengths = Array.from({ length: size }, () => {
    const end = content.findIndex((byte, at) => at >= start && byte < 0x80) + 1;
    if (end === 0 || end <= start) throw new NoMessage('too few lengths');
    const [length = 0n] = varints(content.subarray(start, end));
    start = end;
    return Number(length);
  });
  if (lengths.reduce((sum, length) => sum + length, 0) !== content.length - start) throw new NoMessage('the lengths');
  return lengths.map((length) => content.subarray(start, (start += length)));
}

function inFields(fields: readonly WireField[], dtype: ParseTensorDType, size: number): Uint8Array[] {
  const itemBytes = dtype === 'bytes' ? 8 : STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT;
  const length = fields.reduce((sum, { value }) => sum + (value instanceof Uint8Array ? value.length + 2 : 2), 0);
  if (size > length && size * itemBytes > 2 ** 26) throw new NoMessage('more than a test can hold');
  const values = dtype === 'bytes' ? stringsIn(fields) : numbersIn(fields, dtype);
  const last = values.at(-1) ?? new Uint8Array(dtype === 'bytes' ? 0 : itemBytes);
  return Array.from({ length: size }, (_, at) => values[at] ?? last);
}

function stringsIn(fields: readonly WireField[]): Uint8Array[] {
  return fields.flatMap((field) => (field.number === 8 ? (delimited(field) ?? []) : []));
}

function numbersIn(fields: readonly WireField[], dtype: Exclude<ParseTensorDType, 'bytes'>): Uint8Array[] {
  const { BYTES_PER_ELEMENT: itemBytes } = STORED_ARRAY_OF[dtype];
  const { field: asked, wireType: single } = FIELDS[dtype];
  return fields.flatMap((field) => {
    if (field.number !== asked) return [];
    const packed = delimited(field);
    if (single !== 0)
      return packed ? inPieces(packed, itemBytes) : field.wireType === single ? [field.value as Uint8Array] : [];
    const numbers = packed
      ? varints(packed)
      : typeof field.value === 'bigint' && field.wireType === 0
        ? [field.value]
        : [];
    return numbers.map((number) => {
      const bits = dtype === 'bool' ? BigInt(number !== 0n) : number;
      return new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, bits)).buffer).slice(0, itemBytes);
    });
  });
}
