import { copyFrom } from './origins.js';

/** The maximum number of records of one size that share, and keep alive, the memory of a copy. */
const SHARED = 16;

/** Larger records are copied alone. */
const MAX_SHARED_BYTES = 1024;

/**
 * Returns a function for one stage that holds items. It returns an item as it is, or a copy if the item is a small view
 * on large memory. The copy has the record's origin.
 *
 * Records that follow each other in memory share the memory of their copies: allocating memory, and an entry for its
 * origin, takes longer than copying. So a record keeps up to 16 times its size alive, and the function keeps the last
 * chunk alive. No two copies overlap.
 */
export function ownMemory(): <T>(item: T) => T {
  /** The memory of the last record, and the offset in bytes at which that record ends. */
  let source: ArrayBufferLike | undefined;
  let next = 0;
  /** The last copy, and the offset of its first byte in `source`. */
  let copy: Uint8Array = new Uint8Array(0);
  let start = 0;

  const copyOf = (record: Uint8Array): Uint8Array => {
    const { buffer, byteOffset, length } = record;
    const follows = buffer === source && byteOffset >= next;
    // If the memory of a copy was moved to another thread, the copy has no bytes left.
    const hasRoom = follows && copy.length > 0 && byteOffset + length <= start + copy.length;
    if (!hasRoom) {
      const records = follows && length <= MAX_SHARED_BYTES ? SHARED : 1;
      const copied = copyFrom(record, records * Math.max(length, 1));
      if (!copied) return Uint8Array.from(record);
      source = buffer;
      start = byteOffset;
      copy = copied;
    }
    next = byteOffset + length;
    // The record may have been changed since its neighbours were copied.
    copy.set(record, byteOffset - start);
    return new Uint8Array(copy.buffer, byteOffset - start, length);
  };

  return (item) => {
    if (!(item instanceof Uint8Array) || item.byteLength * 4 >= item.buffer.byteLength) return item;
    return copyOf(item) as typeof item;
  };
}
