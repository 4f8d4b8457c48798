import type { Store, StoredObject } from './store.js';

/** An object, with the store that reads it. */
export interface StoredIn {
  readonly store: Store;
  readonly object: StoredObject;
}

/** Returns true if an object can be read in ranges, for which its size must be known. */
export function hasRanges(object: StoredObject): object is StoredObject & { readonly byteLength: number } {
  return object.hasRanges && object.byteLength !== undefined;
}
