import { copyFrom } from './origins.js';

const SHARED = 16;

const MAX_SHARED_BYTES = 1024;

/** The number of memories whose records may alternate, for example after `interleave`. */
const RUNS = 8;

/** Records that follow each other in one memory. The last record ends at the byte offset `next`. */
interface Run {
  source: ArrayBufferLike;
  next: number;
  /** The last copy. It begins at the offset `start` of `source`. */
  copy: Uint8Array;
  start: number;
}

/**
 * Returns a function for one stage that buffers items. The function copies a small view of a large memory, and stores
 * the origin of the copy. It returns other items unchanged.
 *
 * Copies up to 16 consecutive records into one new buffer, because an allocation takes longer than a copy. So one small
 * record can keep up to 16 KiB in memory. The function also keeps up to eight memories of the last records. Copies do
 * not overlap.
 */
export function ownMemory(): <T>(item: T) => T {
  const runs: Run[] = [];
  let last: Run | undefined;
  let oldest = 0;

  const copyOf = (record: Uint8Array): Uint8Array => {
    const { buffer, byteOffset, length } = record;
    const run = last?.source === buffer ? last : runs.find(({ source }) => source === buffer);
    const follows = run !== undefined && byteOffset >= run.next;
    // A copy whose memory was moved to another thread has no bytes.
    const hasRoom = follows && run.copy.length > 0 && byteOffset + length <= run.start + run.copy.length;
    if (hasRoom) {
      run.next = byteOffset + length;
      // The record may have changed since its neighbours were copied.
      run.copy.set(record, byteOffset - run.start);
      last = run;
      return new Uint8Array(run.copy.buffer, byteOffset - run.start, length);
    }
    const records = follows && length <= MAX_SHARED_BYTES ? SHARED : 1;
    const copy = copyFrom(record, records * Math.max(length, 1));
    if (!copy) return Uint8Array.from(record);
    const begun = { source: buffer, next: byteOffset + length, copy, start: byteOffset };
    if (run) Object.assign(run, begun);
    else runs[oldest++ % RUNS] = begun;
    last = run ?? begun;
    return new Uint8Array(copy.buffer, 0, length);
  };

  return (item) => {
    if (!(item instanceof Uint8Array) || item.byteLength * 4 >= item.buffer.byteLength) return item;
    return copyOf(item) as typeof item;
  };
}
