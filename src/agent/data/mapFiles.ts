/** Enough to use every thread of libuv's pool. More calls would only use memory. */
const CONCURRENCY = 16;

/**
 * Calls `work` for 16 items at a time, and returns the results in the order of the items. Starts no more calls after a
 * failure or an abort.
 */
export async function mapFiles<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results: R[] = [];
  const remaining = items.entries();
  let hasFailed = false;
  const worker = async () => {
    for (const [index, item] of remaining) {
      signal?.throwIfAborted();
      results[index] = await work(item, index).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
      if (hasFailed) return;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}
