import { types } from 'node:util';
import { ConfigError } from './errors.js';
import { showValue } from './showValue.js';

export interface BytesPlace {
  readonly path?: string;
}

/**
 * Requires a `Uint8Array` of any realm. JavaScript would silently convert text to zeros, and truncate the numbers of a
 * `Float32Array`.
 *
 * @throws ConfigError whose message shows the found value and how to convert it.
 */
export function requireBytes(
  caller: string,
  value: unknown,
  { path = '' }: BytesPlace = {},
): asserts value is Uint8Array {
  if (value instanceof Uint8Array || types.isUint8Array(value)) return;
  const place = path === '' ? caller : `${caller}: ${path}`;
  throw new ConfigError(`${place}: expected a Uint8Array, found ${showValue(value)}${conversionOf(value)}`, { path });
}

export function requireRecord(caller: string, record: unknown, recordIndex: number): asserts record is Uint8Array {
  if (!(record instanceof Uint8Array)) requireBytes(caller, record, { path: `record ${recordIndex}` });
}

export function requireBatch(caller: string, records: unknown): void {
  if (Array.isArray(records)) return;
  const message = `${caller}: expected an array of records, found ${showValue(records)}`;
  throw new ConfigError(message, { path: 'records' });
}

function conversionOf(value: unknown): string {
  if (typeof value === 'string') return ": encode text with Buffer.from(text, 'utf8')";
  if (ArrayBuffer.isView(value)) {
    return ': use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)';
  }
  if (types.isAnyArrayBuffer(value)) return ': use new Uint8Array(buffer)';
  if (Array.isArray(value) && value.every((each) => typeof each === 'number')) return ': use Uint8Array.from(numbers)';
  if (Array.isArray(value) && value[0] instanceof Uint8Array)
    return ': pass the elements one by one, for example with concatMap';
  return '';
}
