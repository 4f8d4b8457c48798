import type { Place } from './chooseStore.js';
import { listFiles } from './listFiles.js';
import { listStored } from './listStored.js';
import type { FileListing } from './recordFile.js';

export function listPlace({ pattern, store }: Place, signal?: AbortSignal): Promise<FileListing> {
  return store ? listStored(store, pattern, signal) : listFiles(pattern);
}
