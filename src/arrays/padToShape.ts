import { ShapeError, ValueError } from '../base/errors.js';
import { copyRun } from './copyElements.js';
import { requireArray } from './requireArray.js';
import { allocate, MAX_ELEMENTS, ndarray, sizeOfShape, type NDArray } from './ndarray.js';

/** The value of the added elements. */
export type PaddingValue = number | bigint | Uint8Array;

export interface PadToShapeOptions {
  /** The value of the added elements. Default: 0, or an empty `Uint8Array`. */
  readonly value?: PaddingValue | undefined;
  readonly path: string;
  readonly caller: string;
}

/**
 * Pads an array at the end of each dimension. Returns the array itself if it has the shape.
 *
 * @throws ShapeError if the ranks differ, if a dimension is longer than in `shape`, or if `shape` has 2^31 or more
 *   elements.
 * @throws ValueError if the dtype cannot represent the padding value.
 */
export function padToShape(array: NDArray, shape: readonly number[], options: PadToShapeOptions): NDArray {
  requireArray(options.caller, array, options.path);
  checkFits(array.shape, shape, options);
  if (shape.every((length, axis) => length === array.shape[axis])) return array;
  const data = allocatePadding(array.dtype, sizeOfShape(shape), options);
  copyInto(data, array, shape);
  return ndarray<NDArray['dtype']>(array.dtype, shape, data);
}

function checkFits(
  found: readonly number[],
  expected: readonly number[],
  { path, caller }: Pick<PadToShapeOptions, 'path' | 'caller'>,
): void {
  const isLarge = sizeOfShape(expected) > MAX_ELEMENTS;
  const isAlike = found.length === expected.length;
  if (!isLarge && isAlike && found.every((length, axis) => length <= (expected[axis] as number))) return;
  const reason = isLarge ? ', because an array has at most 2^31 - 1 elements' : '';
  throw new ShapeError(
    `${caller}: ${path === '' ? 'an array' : path} of shape [${found.join(', ')}] cannot be padded to shape [${expected.join(', ')}]${reason}.`,
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
    copyRun(array.data, [start, start + rowLength], data, target);
  }
}

export function allocatePadding(dtype: NDArray['dtype'], size: number, options: PadToShapeOptions): NDArray['data'] {
  const data = allocate(dtype, size);
  if (options.value !== undefined) fill(data, dtype, { ...options, value: options.value });
  return data;
}

interface FillOptions extends PadToShapeOptions {
  readonly value: PaddingValue;
}

function fill(data: NDArray['data'], dtype: NDArray['dtype'], { value, path, caller }: FillOptions): void {
  const element = elementOf(dtype, value);
  if (element !== undefined) {
    (data as unknown[]).fill(element);
    const [filled] = data as ArrayLike<unknown> & Iterable<unknown>;
    if (filled === undefined || filled === element) return;
    // A float may be rounded, but a finite value must not become infinite.
    if (dtype.startsWith('float') && (Number.isFinite(filled) || Number.isNaN(value))) return;
  }
  const text = value instanceof Uint8Array ? 'bytes' : String(value);
  throw new ValueError(
    `${caller}: ${path === '' ? 'an array' : path} of dtype ${dtype} cannot be padded with ${text}.`,
    { path },
  );
}

function elementOf(dtype: NDArray['dtype'], value: PaddingValue): PaddingValue | undefined {
  if (dtype === 'bytes' || value instanceof Uint8Array)
    return dtype === 'bytes' && value instanceof Uint8Array ? value : undefined;
  if (dtype !== 'int64' && dtype !== 'uint64') return typeof value === 'bigint' ? numberOf(value) : value;
  return typeof value === 'bigint' || Number.isInteger(value) ? BigInt(value) : undefined;
}

function numberOf(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
