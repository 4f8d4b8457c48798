import { copyFrom } from './origins.js';

const SHARED = 16;

const MAX_SHARED_BYTES = 1024;

/**
 * Returns a function for one stage that buffers items. It copies a small view of a large memory, and stores
 * the origin of the copy. It returns other items unchanged.
 *
 * Copies up to 16 consecutive records into one new buffer, because an allocation takes longer than a copy. So one small
 * record can keep up to 16 KiB in memory. The function also keeps the memory of the last record. Copies do not overlap.
 */
export function ownMemory(): <T>(item: T) => T {
  /** The memory of the last record, which ends at the byte offset `next`. */
  let source: ArrayBufferLike | undefined;
  let next = 0;
  /** The last copy. It begins at the offset `start` of `source`. */
  let copy: Uint8Array = new Uint8Array(0);
  let start = 0;

  const copyOf = (record: Uint8Array): Uint8Array => {
    const { buffer, byteOffset, length } = record;
    const follows = buffer === source && byteOffset >= next;
    // A copy whose memory was moved to another thread has no bytes.
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
    // The record may have changed since its neighbours were copied.
    copy.set(record, byteOffset - start);
    return new Uint8Array(copy.buffer, byteOffset - start, length);
  };

  return (item) => {
    if (!(item instanceof Uint8Array) || item.byteLength * 4 >= item.buffer.byteLength) return item;
    return copyOf(item) as typeof item;
  };
}
