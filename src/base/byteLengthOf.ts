import { MAX_DEPTH, nestingError } from './nestingError.js';

const OBJECT_BYTES = 16;

/**
 * Estimates the size of a value in bytes. A string counts two bytes for each UTF-16 unit. An array or object counts the
 * sum of its parts.
 *
 * @throws ValueError with the path if the value contains itself.
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
