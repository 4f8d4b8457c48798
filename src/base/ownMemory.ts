import { originOf, rememberCopy } from './origins.js';
import { copyWithTrailer, MAX_TRAILED_BYTES } from './originTrailer.js';

/** Returns the value, or a copy if it is a small view on large memory. The copy has the record's origin. */
export function ownMemory<T>(value: T): T {
  if (!(value instanceof Uint8Array) || value.byteLength * 4 >= value.buffer.byteLength) return value;
  return copyOf(value) as T & Uint8Array;
}

function copyOf(record: Uint8Array): Uint8Array {
  const origin = originOf(record);
  if (origin && record.length <= MAX_TRAILED_BYTES) return copyWithTrailer(record, origin);
  const copy = Uint8Array.from(record);
  rememberCopy(copy, origin);
  return copy;
}
