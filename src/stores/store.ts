/** An object of a store as it was listed. Plain data. */
export interface StoredObject {
  /** The URL (`s3://bucket/key`, `https://host/path`), or the path of a file. */
  readonly url: string;
  /** The size in bytes. `undefined` if the server does not report the size. */
  readonly byteLength: number | undefined;
  /**
   * The version, which changes with the content: the ETag or date from a server, or the size and modification time of a
   * file. If `undefined`, a change between two reads is not detected.
   */
  readonly version: string | undefined;
  /** True if `read` can read ranges of the object. If false, `readAll` reads the whole object. */
  readonly hasRanges: boolean;
}

/** Options of each request of a {@link Store}. */
export interface StoreRequestOptions {
  /** When the signal is aborted, the request ends and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `read` of a {@link Store}. */
export interface StoreReadOptions extends StoreRequestOptions {
  /**
   * Memory of the size of the range. The store may read into this memory and return it, but must not use it after the
   * promise has settled.
   */
  readonly into?: Uint8Array | undefined;
}

/**
 * A file system, bucket or web server. `fileStore`, `httpStore` and `s3Store` (of `millrace/s3`) implement it, and
 * {@link storeBytes} reads from it.
 */
export interface Store {
  /** The prefixes of the URLs that the store reads, such as `s3://`. Empty if the store reads paths of files. */
  readonly schemes: readonly string[];
  /**
   * Lists the objects whose URL begins with a prefix, sorted by the UTF-8 bytes of their URLs. Memory: one page of the
   * listing. Rejects with a ChannelError if the objects cannot be listed.
   */
  readonly list: (prefix: string, options?: StoreRequestOptions) => AsyncIterable<StoredObject>;
  /**
   * Reads the bytes from `start` to `end` (exclusive) into new memory, or into the option `into`. Rejects with a
   * ConfigError if an argument is wrong, with the signal's reason, or with a ChannelError. The ChannelError has the
   * code `ERR_CHANNEL_CHANGED` if the object has changed since it was listed, otherwise `ERR_CHANNEL_IO`.
   */
  readonly read: (object: StoredObject, start: number, end: number, options?: StoreReadOptions) => Promise<Uint8Array>;
  /**
   * Reads all bytes of an object that does not support ranges, from its start, in chunks of any size. Rejects like
   * `read`.
   */
  readonly readAll?: (object: StoredObject, options?: StoreRequestOptions) => AsyncIterable<Uint8Array>;
}

/** Options of {@link WritableStore.create}. */
export interface StoreCreateOptions extends StoreRequestOptions {
  /**
   * If true, and an object with this URL exists when `finish` is called, `finish` rejects with a ChannelError and does
   * not replace the object. Some S3 servers ignore this condition, and replace the object. Default: false.
   */
  readonly exclusive?: boolean | undefined;
}

/** Writes one object. Before each call of a method, wait for the promise of the previous call. */
export interface ObjectWriter {
  /** When the promise resolves, you can write more bytes, and reuse the memory of `bytes`. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Makes the complete object visible and durable. Unless `exclusive` is set, replaces an object with the same URL. */
  readonly finish: () => Promise<void>;
  /** Removes the written bytes. Call `abort` instead of `finish`, or after a method has rejected. Never rejects. */
  readonly abort: () => Promise<void>;
}

/**
 * A store that can also write, for {@link writeRecords}. Its methods reject with a ChannelError if a request fails,
 * with a ConfigError if an argument is wrong or the object is too large, or with the signal's reason.
 */
export interface WritableStore extends Store {
  /**
   * Starts to write an object. Until `finish` is called, an old object with this URL stays unchanged. If `finish`
   * rejects, the object may be the old or the new one.
   */
  readonly create: (url: string, options?: StoreCreateOptions) => Promise<ObjectWriter>;
  /** Removes an object. Also resolves if the object does not exist. */
  readonly remove: (url: string, options?: StoreRequestOptions) => Promise<void>;
  /**
   * Removes unfinished objects whose URL begins with the prefix: those of killed writers, and also those of running
   * writers.
   *
   * @param shouldRemove - returns true for the URLs to remove.
   */
  readonly removeUnfinished: (
    prefix: string,
    shouldRemove: (url: string) => boolean,
    options?: StoreRequestOptions,
  ) => Promise<void>;
}
