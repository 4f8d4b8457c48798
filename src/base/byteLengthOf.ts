import { MAX_DEPTH, nestingError } from './nestingError.js';

const OBJECT_BYTES = 16;

/**
 * Estimates the bytes of a value: exact for typed arrays (a view counts only its own bytes), two for each UTF-16 unit
 * of a string, and the sum of the parts of an array or plain object.
 *
 * @throws ValueError if the value contains itself, with the path.
 */
export function byteLengthOf(value: unknown): number {
  return lengthAt(value, 0, value);
}

function lengthAt(value: unknown, depth: number, item: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof ArrayBuffer) return value.byteLength;
  const parts: Iterable<unknown> = Array.isArray(value) ? value : Object.values(value);
  if (depth > MAX_DEPTH) throw nestingError('the size of an item', item);
  let bytes = OBJECT_BYTES;
  for (const part of parts) bytes += lengthAt(part, depth + 1, item);
  return bytes;
}
