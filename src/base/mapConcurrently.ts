/** This number of calls uses every thread of libuv's pool. */
const CONCURRENCY = 16;

/**
 * Calls `work` for several items at the same time (default: 16). Returns the results in the order of the items. After a
 * failure or an abort, starts no more calls, waits for the pending calls, and rejects with the first error.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
  concurrency = CONCURRENCY,
): Promise<R[]> {
  const results: R[] = [];
  const remaining = items.entries();
  const errors: unknown[] = [];
  const worker = async () => {
    for (const [index, item] of remaining) {
      if (errors.length > 0) return;
      try {
        signal?.throwIfAborted();
        results[index] = await work(item, index);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (errors.length > 0) throw errors[0];
  return results;
}
