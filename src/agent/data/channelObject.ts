import type { Store, StoredObject } from '../../stores/store.js';

/** An object of a channel: a local file, or an object in a store. */
export interface ChannelObject {
  /** The path of the file in the channel's folder in File mode, with `/` between the parts. */
  readonly key: string;
  readonly path: string;
  readonly byteLength: number;
  /** The object in its store. `undefined` if the object is a local file. */
  readonly stored?: StoredContent;
}

export interface StoredContent {
  readonly store: Store;
  readonly object: StoredObject & { readonly byteLength: number };
}
