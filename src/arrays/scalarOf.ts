import { isNDArray } from './ndarray.js';

/** Returns the element of an NDArray with one element. Returns any other value itself. */
export function scalarOf(value: unknown): unknown {
  return isNDArray(value) && value.data.length === 1 ? value.data[0] : value;
}
