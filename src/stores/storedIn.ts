import type { Store, StoredObject } from './store.js';

export interface StoredIn {
  readonly store: Store;
  readonly object: StoredObject;
}

/** True if the object supports ranges and its size is known. */
export function isSizedRangeObject(object: StoredObject): object is StoredObject & { readonly byteLength: number } {
  return object.hasRanges && object.byteLength !== undefined;
}
