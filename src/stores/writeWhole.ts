import type { StoreCreateOptions, WritableStore } from './store.js';

/** Writes an object that is small enough for memory. If this fails, removes the written bytes. */
export async function writeWhole(
  { store, url }: { readonly store: WritableStore; readonly url: string },
  bytes: Uint8Array,
  options?: StoreCreateOptions,
): Promise<void> {
  const writer = await store.create(url, options);
  try {
    await writer.write(bytes);
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
