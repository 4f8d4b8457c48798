import type { Store, StoredObject } from '../../stores/store.js';

/** An object of a channel: a file that replaces an object in S3, or an object of a store. */
export interface ChannelObject {
  /** The path below the channel's folder, with `/` between the parts. */
  readonly key: string;
  readonly path: string;
  readonly byteLength: number;
  /** `undefined` for a file. */
  readonly stored?: StoredContent;
}

export interface StoredContent {
  readonly store: Store;
  readonly object: StoredObject & { readonly byteLength: number };
}
