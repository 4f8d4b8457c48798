const OBJECT_BYTES = 16;

/**
 * Estimates the bytes of a value: exact for typed arrays (a view counts only its own bytes), two for each UTF-16 unit
 * of a string, and the sum of the parts of an array or plain object.
 */
export function byteLengthOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof ArrayBuffer) return value.byteLength;
  const parts: Iterable<unknown> = Array.isArray(value) ? value : Object.values(value);
  let bytes = OBJECT_BYTES;
  for (const part of parts) bytes += byteLengthOf(part);
  return bytes;
}
