import { ConfigError, ShapeError, ValueError } from '../base/errors.js';
import { markFresh } from './freshMemory.js';
import {
  faultOfArray,
  isNDArray,
  MAX_ELEMENTS,
  uncheckedArray,
  sizeOfShape,
  TYPED_ARRAY_OF,
  type NDArray,
} from './ndarray.js';
import { MAX_DEPTH, MAX_PATH_LENGTH, nestingError } from '../base/nestingError.js';
import { showValue } from '../base/showValue.js';
import { partPath } from './mapArrays.js';

const SAME_PARTS = 'Use map() to give all elements the same parts.';

type HasNDArray<T> = T extends NDArray
  ? true
  : T extends readonly (infer E)[]
    ? HasNDArray<E>
    : T extends ArrayBufferView | ((...args: never[]) => unknown)
      ? false
      : T extends object
        ? true extends { [K in keyof T]: HasNDArray<T[K]> }[keyof T]
          ? true
          : false
        : false;

/** The type of the batch that {@link stack} makes from items of type `T`. */
export type Batched<T> =
  T extends NDArray<infer D> ? NDArray<D> : true extends HasNDArray<T> ? { [K in keyof T]: Batched<T[K]> } : T[];

/**
 * Stacks values along a new first axis, in new memory. NDArrays of shape `[…s]` become one NDArray of shape
 * `[values.length, …s]`. Objects and tuples with NDArrays become one object or tuple of batches. Other values become a
 * plain array.
 *
 * @param values - at least one value. All values must have the same structure.
 * @throws ConfigError if `values` is not an array or is empty.
 * @throws ShapeError with the path if shapes differ, or if the batch has more than 2^31 - 1 elements.
 * @throws ValueError if dtypes or structures differ, or if a value is sparse or ragged, or contains itself.
 */
export function stack<T>(values: readonly T[]): Batched<T> {
  if (!Array.isArray(values) || values.length === 0) {
    throw new ConfigError(`stack: expected an array of at least one value, found ${showValue(values)}`, {
      path: 'values',
    });
  }
  return stackFor<T>({ caller: 'stack', remedy: 'Make the shapes equal first.' }, values as readonly T[]);
}

export interface Stacker {
  readonly caller: string;
  readonly remedy: string;
}

/** {@link stack} for at least one value, with errors that name the caller. */
export function stackFor<T>(stacker: Stacker, values: readonly T[]): Batched<T>;
export function stackFor(stacker: Stacker, values: readonly unknown[]): unknown {
  // Not a spread: in Node.js 20, the objects of `{ ...a, b }` outlive V8's collections of young objects. They fill the
  // old heap, so that V8 collects the whole heap repeatedly.
  const { caller, remedy } = stacker;
  return stackAt(values, '', { caller, remedy, item: values[0] });
}

interface Stacking extends Stacker {
  readonly item: unknown;
}

function stackAt(values: readonly unknown[], path: string, stacking: Stacking): unknown {
  const [first] = values;
  if (isNDArray(first)) return stackArrays(values, first, { path, stacking });
  if (!containsNDArray(first, 0, stacking)) {
    // This check reads every element, so it is skipped for bytes, text and numbers.
    if (first === undefined || first === null || isStructure(first)) refuseArrays(values, { path, stacking });
    return values;
  }
  const { caller, item } = stacking;
  if (path.length > MAX_PATH_LENGTH) throw nestingError(caller, item);
  if (isSparseOrRagged(first)) {
    throw new ValueError(
      `${caller} cannot stack a sparse or ragged value${at(path)}. Put batch(n) before the parser, so that it parses whole batches: batch(n), parseExample(features).`,
      { path },
    );
  }
  return stackParts(values, first as Structure, { path, stacking });
}

function refuseArrays(values: readonly unknown[], { path, stacking }: Place): void {
  const index = values.findIndex((value) => containsNDArray(value, 0, stacking));
  if (index < 0) return;
  const message = `${elementAt(index, path, stacking)} has an NDArray, but element 0 has no NDArray. ${SAME_PARTS}`;
  throw new ValueError(message, { path });
}

type Structure = Readonly<Record<string, unknown>>;

interface Place {
  readonly path: string;
  readonly stacking: Stacking;
}

function stackParts(values: readonly unknown[], first: Structure, { path, stacking }: Place): unknown {
  const isTuple = Array.isArray(first);
  const keys = Object.keys(first);
  for (let index = 1; index < values.length; index++) {
    const value = values[index];
    if (!isStructure(value) || Array.isArray(value) !== isTuple) {
      const message = `${elementAt(index, path, stacking)} is ${show(value)}, but element 0 has ${show(first)}.`;
      throw new ValueError(message, { path });
    }
    const missing = keys.find((key) => !Object.hasOwn(value, key));
    if (missing !== undefined) throw missingPart(stacking, partPath(path, missing, isTuple), [index, 0]);
    const found = Object.keys(value);
    if (found.length === keys.length) continue;
    const added = found.find((key) => !Object.hasOwn(first, key));
    if (added !== undefined) throw missingPart(stacking, partPath(path, added, isTuple), [0, index]);
  }
  const parts = keys.map((key) => {
    const column = values.map((value) => (value as Structure)[key]);
    return [key, stackAt(column, partPath(path, key, isTuple), stacking)] as const;
  });
  return isTuple ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

function isStructure(value: unknown): value is Structure {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !isNDArray(value);
}

function missingPart({ caller }: Stacking, path: string, [without, having]: readonly [number, number]): ValueError {
  const message = `${caller}: element ${without} has no ${path}, but element ${having} has it. ${SAME_PARTS}`;
  return new ValueError(message, { path });
}

function stackArrays(values: readonly unknown[], first: NDArray, place: Place): NDArray {
  const arrays = values.map((value, index) => checkAlike(value, index, first, place));
  const size = sizeOfShape(first.shape);
  const shape = [values.length, ...first.shape];
  if (values.length * size > MAX_ELEMENTS) throw tooLarge(shape, place);
  if (first.dtype === 'bytes') {
    return uncheckedArray(
      'bytes',
      shape,
      arrays.flatMap((array) => array.data as Uint8Array[]),
    );
  }
  const data = new TYPED_ARRAY_OF[first.dtype](values.length * size);
  arrays.forEach((array, index) => {
    (data as Float64Array).set(array.data as Float64Array, index * size);
  });
  markFresh(data);
  return { dtype: first.dtype, shape, data } as NDArray;
}

function tooLarge(shape: readonly number[], { path, stacking }: Place): ShapeError {
  const message = `${stacking.caller}: the batch${at(path)} of shape [${shape.join(', ')}] has more than 2^31 - 1 elements. Use smaller batches.`;
  return new ShapeError(message, { path, expected: [MAX_ELEMENTS], found: shape });
}

function checkAlike(value: unknown, index: number, first: NDArray, { path, stacking }: Place): NDArray {
  if (!isNDArray(value) || value.dtype !== first.dtype) {
    const found = isNDArray(value) ? `has dtype ${value.dtype}` : `is ${show(value)}`;
    const message = `${elementAt(index, path, stacking)} ${found}, but element 0 has dtype ${first.dtype}.`;
    throw new ValueError(message, { path });
  }
  const { shape } = value;
  if (shape.length !== first.shape.length || shape.some((length, axis) => length !== first.shape[axis])) {
    throw new ShapeError(
      `${elementAt(index, path, stacking)} has shape [${shape.join(', ')}], but element 0 has shape [${first.shape.join(', ')}]. ` +
        stacking.remedy,
      { path, expected: first.shape, found: shape },
    );
  }
  // Numbers are copied by value, so only the number of elements needs a check.
  const isLikeFirst = index > 0 && value.dtype !== 'bytes' && value.data.length === first.data.length;
  const fault = isLikeFirst ? undefined : faultOfArray(value);
  if (fault !== undefined) throw new ValueError(`${elementAt(index, path, stacking)}: ${fault}.`, { path });
  return value;
}

function containsNDArray(value: unknown, depth: number, stacking: Stacking): boolean {
  if (isNDArray(value)) return true;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  if (depth > MAX_DEPTH) throw nestingError(stacking.caller, stacking.item);
  // A loop, because this runs for every item, and `Object.values` would copy the parts.
  if (Array.isArray(value)) {
    for (const part of value as unknown[]) {
      if (typeof part === 'object' && containsNDArray(part, depth + 1, stacking)) return true;
    }
    return false;
  }
  for (const key in value) {
    const part = (value as Structure)[key];
    if (typeof part === 'object' && Object.hasOwn(value, key) && containsNDArray(part, depth + 1, stacking))
      return true;
  }
  return false;
}

function isSparseOrRagged(value: unknown): boolean {
  const { values, indices, rowSplits } = value as { values?: unknown; indices?: unknown; rowSplits?: unknown };
  return isNDArray(values) && (isNDArray(indices) || ArrayBuffer.isView(rowSplits));
}

function elementAt(index: number, path: string, { caller }: Stacking): string {
  return `${caller}: element ${index}${at(path)}`;
}

function at(path: string): string {
  return path === '' ? '' : ` at ${path}`;
}

function show(value: unknown): string {
  return isNDArray(value) ? 'an NDArray' : showValue(value);
}
