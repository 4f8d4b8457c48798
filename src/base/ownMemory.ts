import { copyFrom } from './origins.js';

/** The most records of one size that share the memory of a copy, and so the most that one of them keeps alive. */
const SHARED = 16;

/** Above this size in bytes, a record is copied alone. */
const MAX_SHARED_BYTES = 1024;

/** The last copy of a part of memory, where the part begins, and the memory. It keeps one chunk alive. */
let source: ArrayBufferLike | undefined;
let start = 0;
let copy: Uint8Array = new Uint8Array(0);

/**
 * Returns the value, or a copy if it is a small view on large memory. The copy has the record's origin.
 *
 * A record that follows the last one in memory shares its copy: memory, and an entry for its origin, take longer to make
 * than to fill. So a record keeps up to 16 times its size alive.
 */
export function ownMemory<T>(value: T): T {
  if (!(value instanceof Uint8Array) || value.byteLength * 4 >= value.buffer.byteLength) return value;
  return copyOf(value) as T & Uint8Array;
}

function copyOf(record: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = record;
  // A copy whose memory was moved to another thread has no bytes left.
  const isCopied = buffer === source && byteOffset >= start && byteOffset + length <= start + copy.length;
  if (!isCopied || copy.length === 0) {
    const copied = copyFrom(record, length <= MAX_SHARED_BYTES ? SHARED * Math.max(length, 1) : length);
    if (!copied) return Uint8Array.from(record);
    source = buffer;
    start = byteOffset;
    copy = copied;
  }
  return new Uint8Array(copy.buffer, byteOffset - start, length);
}
