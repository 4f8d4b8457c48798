import { ValueError } from '../base/errors.js';
import { faultOfArray, isNDArray, type NDArray } from './ndarray.js';
import { showValue } from '../base/showValue.js';

/** @throws ValueError with the path if the value is not an NDArray whose data matches its dtype and shape. */
export function requireArray(caller: string, value: unknown, path = ''): asserts value is NDArray {
  const fault = isNDArray(value) ? faultOfArray(value) : `expected an NDArray, found ${foundIn(value)}`;
  if (fault === undefined) return;
  throw new ValueError(`${caller}: ${path === '' ? '' : `${path}: `}${fault}.`, { path });
}

function foundIn(value: unknown): string {
  if (typeof value !== 'object' || value === null) return showValue(value);
  if ('rowSplits' in value) return 'a RaggedArray: make it dense with toDense()';
  return 'denseShape' in value ? 'a SparseArray: make it dense with toDenseSparse()' : showValue(value);
}

export function requireNumbers(
  caller: string,
  value: unknown,
  remedy: string | ((first: Uint8Array | undefined) => string),
): asserts value is NDArray {
  requireArray(caller, value);
  if (value.dtype !== 'bytes') return;
  const [first] = value.data;
  const label = first === undefined ? '' : `, found ${showBytes(first)} at index 0`;
  const whatToDo = typeof remedy === 'string' ? remedy : remedy(first);
  throw new ValueError(`${caller}: expected numbers, found dtype bytes${label}. ${whatToDo}`, { path: '' });
}

function showBytes(bytes: Uint8Array): string {
  return showValue(Buffer.from(bytes.subarray(0, 80)).toString('latin1'));
}
