import type { Store, StoredObject } from './store.js';

export interface StoredIn {
  readonly store: Store;
  readonly object: StoredObject;
}

/** True if ranges of the object can be read. This also needs the size of the object. */
export function hasRanges(object: StoredObject): object is StoredObject & { readonly byteLength: number } {
  return object.hasRanges && object.byteLength !== undefined;
}
