import type { Draw } from '../../support/poisonedChunks.js';
import { STORED_ARRAY_OF } from '../../../src/formats/storedNumbers.js';
import { TENSOR_DTYPES, type ParseTensorDType } from '../../../src/formats/tensorProto/tensorLayout.js';
import { field, varint } from '../support/wire.js';
import { DATA_TYPES, FIELDS } from './readTensor.js';

const some = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const drawByte = (draw: Draw): number => draw(256);
const drawString = (draw: Draw): number[] => some(draw(4), () => drawByte(draw));
const drawInteger = (draw: Draw): bigint => [0n, 1n, -1n, 255n, 70_000n, 2n ** 31n, 2n ** 63n - 1n][draw(7)]!;

/** Draws one of the dtypes. */
export function drawTensorDType(draw: Draw): ParseTensorDType {
  return TENSOR_DTYPES[draw(TENSOR_DTYPES.length)]!;
}

/** Writes a random TensorProto: its elements in `tensor_content` or in fields, all of them or not, packed or not. */
export function drawTensor(draw: Draw, dtype: ParseTensorDType, shape: readonly number[]): Uint8Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const dims = shape.flatMap((length) => field(2, [1 << 3, ...varint(BigInt(length))]));
  const parts = [
    [1 << 3, ...varint(DATA_TYPES[dtype])],
    field(2, dims),
    ...(draw(2) === 0 ? [field(4, drawContent(draw, dtype, size))] : drawFields(draw, dtype, size)),
  ];
  if (draw(8) === 0) parts.reverse();
  if (draw(8) === 0) parts.splice(draw(parts.length), 0, field(30, drawString(draw)));
  return Uint8Array.from(parts.flat());
}

function drawContent(draw: Draw, dtype: ParseTensorDType, size: number): number[] {
  if (dtype === 'bool') return some(size, () => draw(2));
  if (dtype !== 'bytes') return some(size * STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT, () => drawByte(draw));
  const strings = some(size, () => drawString(draw));
  return [...strings.flatMap((string) => varint(BigInt(string.length))), ...strings.flat()];
}

function drawFields(draw: Draw, dtype: ParseTensorDType, size: number): number[][] {
  const count = draw(3) === 0 ? draw(size + 2) : size;
  if (dtype === 'bytes') return some(count, () => field(8, drawString(draw)));
  const { field: number, wireType } = FIELDS[dtype];
  const item = (): number[] =>
    wireType === 0 ? varint(drawInteger(draw)) : some(STORED_ARRAY_OF[dtype].BYTES_PER_ELEMENT, () => drawByte(draw));
  if (draw(2) === 0) return [field(number, some(count, item).flat())];
  return some(count, () => [...varint(BigInt((number << 3) | wireType)), ...item()]);
}
