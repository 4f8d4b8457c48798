import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** From about 34 MB on, V8 collects young objects before it reaches the limit. */
const HEAP_BYTES = 40_000_000;
const NUMBER_BYTES = 8;
/** V8 of Node.js 24 and later has another limit, which does not depend on the objects. Bun does not use V8. */
const isNeeded = Number.parseInt(process.versions.v8, 10) < 13 && process.versions['bun'] === undefined;

/** Less data does not need a higher limit, which takes 30 MB of memory, and twice as much for a moment. */
let bytesBefore = 64 * 1024 * 1024;
/** Numbers of type double, which V8 does not scan. Each thread has its own heap and its own copy of this module. */
let numbers: readonly number[] | undefined;

/**
 * Makes V8 collect the whole heap less often in a process or thread that reads much data. V8 collects the whole heap
 * when the objects and the memory of all ArrayBuffers reach a limit, which depends on the size of the objects. In a heap
 * of 10 MB, each 25 to 40 MB of chunks reach the limit, although almost all chunks are young. These collections take
 * half of the CPU time of reading large records.
 *
 * Adds numbers to a small heap, so that V8 collects the young objects first, which frees the chunks in a fraction of the
 * time.
 *
 * @param newBytes - the size of a new chunk.
 */
export function raiseCollectionLimit(newBytes: number): void {
  bytesBefore -= newBytes;
  if (bytesBefore > 0 || numbers || !isNeeded) return;
  const oldBytes = getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new_'))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
  const isSmallLimit = getHeapStatistics().heap_size_limit < 8 * HEAP_BYTES;
  const missing = isSmallLimit ? 0 : Math.max(0, HEAP_BYTES - oldBytes);
  numbers = new Array<number>(Math.ceil(missing / NUMBER_BYTES)).fill(0.5);
}
