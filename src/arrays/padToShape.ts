import { ShapeError, ValueError } from '../base/errors.js';
import { requireArray } from './requireArray.js';
import { allocate, ndarray, sizeOfShape, type NDArray } from './ndarray.js';

/** The value of the added elements. */
export type PaddingValue = number | bigint | Uint8Array;

export interface PadToShapeOptions {
  /** The value of the added elements. Default: 0, or an empty `Uint8Array`. */
  readonly value?: PaddingValue | undefined;
  readonly path: string;
}

/**
 * Pads an array at the end of each dimension. Returns the array itself if it already has the shape.
 *
 * @param shape - the new shape. It must have the same rank as the array, and no dimension may be shorter.
 * @throws ShapeError if the array does not fit the shape.
 * @throws ValueError if the dtype cannot represent the padding value.
 */
export function padToShape(array: NDArray, shape: readonly number[], { value, path }: PadToShapeOptions): NDArray {
  requireArray('paddedBatch', array, path);
  checkFits(array.shape, shape, path);
  if (shape.every((length, axis) => length === array.shape[axis])) return array;
  const data = allocate(array.dtype, sizeOfShape(shape));
  if (value !== undefined) fill(data, array.dtype, { value, path });
  copyInto(data, array, shape);
  return ndarray<NDArray['dtype']>(array.dtype, shape, data);
}

function checkFits(found: readonly number[], expected: readonly number[], path: string): void {
  if (found.length === expected.length && found.every((length, axis) => length <= (expected[axis] as number))) return;
  throw new ShapeError(
    `paddedBatch: ${path === '' ? 'an array' : path} of shape [${found.join(', ')}] cannot be padded to shape [${expected.join(', ')}].`,
    { path, expected, found },
  );
}

function copyInto(data: NDArray['data'], array: NDArray, shape: readonly number[]): void {
  const rowLength = array.shape.at(-1) ?? 1;
  const rowCount = rowLength === 0 ? 0 : array.data.length / rowLength;
  for (let row = 0; row < rowCount; row++) {
    let target = 0;
    let stride = shape.at(-1) ?? 1;
    let left = row;
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      const length = array.shape[axis] as number;
      target += (left % length) * stride;
      left = Math.floor(left / length);
      stride *= shape[axis] as number;
    }
    const start = row * rowLength;
    if (Array.isArray(array.data)) {
      for (let at = 0; at < rowLength; at++) (data as Uint8Array[])[target + at] = array.data[start + at] as Uint8Array;
    } else (data as Float64Array).set((array.data as Float64Array).subarray(start, start + rowLength), target);
  }
}

function fill(data: NDArray['data'], dtype: NDArray['dtype'], { value, path }: Required<PadToShapeOptions>): void {
  const element = elementOf(dtype, value as PaddingValue);
  if (element !== undefined) {
    (data as unknown[]).fill(element);
    if (!dtype.includes('int') && dtype !== 'bool') return;
    if (data[0] === element) return;
  }
  const text = value instanceof Uint8Array ? 'bytes' : String(value);
  throw new ValueError(
    `paddedBatch: ${path === '' ? 'an array' : path} of dtype ${dtype} cannot be padded with ${text}.`,
    { path },
  );
}

function elementOf(dtype: NDArray['dtype'], value: PaddingValue): PaddingValue | undefined {
  if (dtype === 'bytes' || value instanceof Uint8Array)
    return dtype === 'bytes' && value instanceof Uint8Array ? value : undefined;
  if (dtype !== 'int64' && dtype !== 'uint64') return Number(value);
  return typeof value === 'bigint' || Number.isInteger(value) ? BigInt(value) : undefined;
}
