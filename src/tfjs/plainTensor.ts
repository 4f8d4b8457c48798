import { sizeOfShape } from '../arrays/ndarray.js';
import { ShapeError, ValueError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';
import type { TensorDType, TensorValues } from './tensorFlow.js';

/** A number, boolean or text, or nested arrays of these. */
export type PlainValue = number | boolean | string | readonly PlainValue[];

const DTYPES = { number: 'float32', boolean: 'bool', string: 'string' } as const;

/** Checks only the first value. */
export function isPlain(value: unknown): value is PlainValue {
  const leaf = firstLeaf(value);
  return (typeof leaf) in DTYPES || (leaf === undefined && Array.isArray(value));
}

/**
 * Returns the arguments of `tf.tensor`. The dtypes are those that `tf.tensor` infers.
 *
 * @throws ShapeError or ValueError with the path if nested arrays have different lengths, or values have different
 *   types.
 */
export function plainTensor(path: string, value: PlainValue): [TensorValues, number[], TensorDType] {
  const shape = shapeOf(value);
  const size = sizeOfShape(shape);
  const type = typeof (firstLeaf(value) ?? 0) as keyof typeof DTYPES;
  const texts: Uint8Array[] = [];
  const numbers = type === 'boolean' ? new Uint8Array(size) : new Float32Array(size);
  const place: number[] = [];
  let at = 0;
  const add = (part: unknown, axis: number): void => {
    if (Array.isArray(part) ? part.length !== shape[axis] : axis < shape.length) {
      throw ragged(path, place.slice(0, axis), [shape.slice(axis), shapeOf(part)]);
    }
    if (Array.isArray(part)) {
      for (let index = 0, end = part.length; index < end; index++) {
        place[axis] = index;
        add(part[index], axis + 1);
      }
    } else if (typeof part !== type) throw mixed(placeOf(path, place), type, part);
    else if (typeof part === 'string') texts.push(new TextEncoder().encode(part));
    else numbers[at++] = Number(part);
  };
  add(value, 0);
  return [type === 'string' ? texts : numbers, shape, DTYPES[type]];
}

function firstLeaf(value: unknown): unknown {
  return Array.isArray(value) ? firstLeaf(value[0]) : value;
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

function placeOf(path: string, indices: readonly number[]): string {
  return indices.reduce((place, index) => `${place}[${index}]`, path);
}

function ragged(path: string, indices: readonly number[], [expected, found]: [number[], number[]]): ShapeError {
  const place = placeOf(path, indices);
  const first = placeOf(
    path,
    indices.map(() => 0),
  );
  const shapes = `expected the shape [${expected.join(', ')}] of ${first}, found [${found.join(', ')}]`;
  const message = `toDataset: ${place}: ${shapes}. Make the shapes equal in a map() before toDataset.`;
  return new ShapeError(message, { path: place, expected, found });
}

function mixed(path: string, type: string, found: unknown): ValueError {
  const message = `toDataset: ${path}: expected a ${type} like the first value, found ${showValue(found)}.`;
  return new ValueError(message, { path });
}
