import { ChannelError } from '../base/errors.js';
import type { StoredObject, Store } from './store.js';

/** Lists all objects with a prefix. Returns an empty array if the folder does not exist. */
export async function listAll(store: Store, prefix: string, signal?: AbortSignal): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  try {
    for await (const object of store.list(prefix, { signal })) objects.push(object);
  } catch (error) {
    // If a part of the path is a file, creating the folder later fails with a clearer error.
    if (!(error instanceof ChannelError && ['ENOENT', 'ENOTDIR'].includes(error.errno ?? ''))) throw error;
  }
  return objects;
}
