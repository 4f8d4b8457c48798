/** The value itself, or a copy where it is a small view on large memory, which it would keep alive. */
export function ownMemory<T>(value: T): T {
  if (!(value instanceof Uint8Array) || value.byteLength * 4 >= value.buffer.byteLength) return value;
  return Uint8Array.from(value) as T & Uint8Array;
}
