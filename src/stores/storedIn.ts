import type { Store, StoredObject } from './store.js';

/** An object, with the store that reads it. */
export interface StoredIn {
  readonly store: Store;
  readonly object: StoredObject;
}

/** Whether an object can be read in ranges. Their number is not known without its size. */
export function hasRanges(object: StoredObject): object is StoredObject & { readonly byteLength: number } {
  return object.hasRanges && object.byteLength !== undefined;
}
