import type { Store, StoredObject } from './store.js';

export interface StoredIn {
  readonly store: Store;
  readonly object: StoredObject;
}

/** Ranges also need the size. */
export function hasRanges(object: StoredObject): object is StoredObject & { readonly byteLength: number } {
  return object.hasRanges && object.byteLength !== undefined;
}
