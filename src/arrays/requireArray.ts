import { ValueError } from '../base/errors.js';
import { faultOfArray, isNDArray, type NDArray } from './ndarray.js';
import { showValue } from '../base/showValue.js';

/**
 * Checks that a value is an NDArray whose data match its dtype and shape.
 *
 * @param what - the function that takes it.
 * @throws ValueError with the path.
 */
export function requireArray(what: string, value: unknown, path = ''): asserts value is NDArray {
  const fault = isNDArray(value) ? faultOfArray(value) : `expected an NDArray, found ${showValue(value)}`;
  if (fault === undefined) return;
  throw new ValueError(`${what}: ${path === '' ? '' : `${path}: `}${fault}.`, { path });
}

/** {@link requireArray} for functions that cannot use bytes. */
export function requireNumbers(what: string, value: unknown, remedy: string): asserts value is NDArray {
  requireArray(what, value);
  if (value.dtype !== 'bytes') return;
  const [first] = value.data;
  const label = first === undefined ? '' : `, found ${showBytes(first)} at index 0`;
  throw new ValueError(`${what}: expected numbers, found dtype bytes${label}. ${remedy}`, { path: '' });
}

function showBytes(bytes: Uint8Array): string {
  return showValue(Buffer.from(bytes.subarray(0, 80)).toString('latin1'));
}
