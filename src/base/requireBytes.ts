import { types } from 'node:util';
import { ConfigError } from './errors.js';
import { showValue } from './showValue.js';

/** The place of the value that {@link requireBytes} checks. */
export interface BytesPlace {
  /** The argument or its part, as the message names it. Default: the whole value. */
  readonly path?: string;
}

/**
 * Checks that a value is a `Uint8Array`, of any realm. JavaScript accepts other values as bytes without an error: it
 * copies a text as zeros, and a `Float32Array` as truncated numbers.
 *
 * @param what - the function or operator that takes the bytes.
 * @throws ConfigError that says what was found, and how to convert it.
 */
export function requireBytes(
  what: string,
  value: unknown,
  { path = '' }: BytesPlace = {},
): asserts value is Uint8Array {
  if (value instanceof Uint8Array || types.isUint8Array(value)) return;
  const place = path === '' ? what : `${what}: ${path}`;
  throw new ConfigError(`${place}: expected a Uint8Array, found ${showValue(value)}${conversionOf(value)}`, { path });
}

/** {@link requireBytes} for the records of a parser. A sound record costs one comparison. */
export function requireRecord(what: string, record: unknown, recordIndex: number): asserts record is Uint8Array {
  if (!(record instanceof Uint8Array)) requireBytes(what, record, { path: `record ${recordIndex}` });
}

function conversionOf(value: unknown): string {
  if (typeof value === 'string') return ": encode it first, as in Buffer.from(text, 'utf8')";
  if (ArrayBuffer.isView(value)) {
    return ': take its memory, as in new Uint8Array(view.buffer, view.byteOffset, view.byteLength)';
  }
  if (types.isAnyArrayBuffer(value)) return ': write new Uint8Array(buffer)';
  if (Array.isArray(value) && value.every((each) => typeof each === 'number'))
    return ': write Uint8Array.from(numbers)';
  if (Array.isArray(value) && value[0] instanceof Uint8Array) return ': take them one by one, as with concatMap';
  return '';
}
