/** An object of a store, as it was listed. It is plain data. */
export interface StoredObject {
  /** Its URL (`s3://bucket/key`, `https://host/path`), or the path of a file. */
  readonly url: string;
  /** Its size in bytes. `undefined` if the server does not tell it. */
  readonly byteLength: number | undefined;
  /**
   * Changes with the content: an ETag or a date of a server, size and modification time of a file. `undefined` if the
   * server does not tell it. Then a change between two reads is not noticed.
   */
  readonly version: string | undefined;
  /** Whether `read` can read ranges of it. If not, only `readAll` reads it. */
  readonly hasRanges: boolean;
}

/** Options of each request of a {@link Store}. */
export interface StoreRequestOptions {
  /** Ends the request and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A place where objects lie: a file system, a bucket, a web server. `fileStore`, `httpStore` and `s3Store` (of
 * `millrace/s3`) implement it, and {@link storeBytes} reads from it.
 */
export interface Store {
  /** The beginnings of the URLs that the store reads, such as `s3://`. Empty for paths of files. */
  readonly schemes: readonly string[];
  /**
   * Lists the objects whose URL begins with a prefix, sorted by the UTF-8 bytes of their URLs. Holds one page of the
   * listing in memory. Rejects with a ChannelError if the place cannot be listed.
   */
  readonly list: (prefix: string, options?: StoreRequestOptions) => AsyncIterable<StoredObject>;
  /**
   * Reads the bytes from `start` to `end` (exclusive) into fresh memory. Rejects with a ChannelError: code
   * `ERR_CHANNEL_CHANGED` if the object is another one than was listed, `ERR_CHANNEL_IO` if it cannot be read.
   */
  readonly read: (
    object: StoredObject,
    start: number,
    end: number,
    options?: StoreRequestOptions,
  ) => Promise<Uint8Array>;
  /** Reads all bytes of an object without ranges, from its start, in chunks of any size. Rejects as `read` does. */
  readonly readAll?: (object: StoredObject, options?: StoreRequestOptions) => AsyncIterable<Uint8Array>;
}

/** Writes one object. Call its methods one after the other, each when the promise of the last has resolved. */
export interface ObjectWriter {
  /** Resolves when more bytes are wanted. Then the memory of `bytes` may be reused. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** The object appears, whole and durable, and replaces one of the same URL. */
  readonly finish: () => Promise<void>;
  /** Removes what was written. Call it instead of `finish`, or if another method has rejected. It does not reject. */
  readonly abort: () => Promise<void>;
}

/** A store that also writes, as {@link writeRecords} needs it. All methods reject with a ChannelError on failure. */
export interface WritableStore extends Store {
  /** Begins to write an object. No object is visible under the URL until its writer has finished. */
  readonly create: (url: string, options?: StoreRequestOptions) => Promise<ObjectWriter>;
  /** Removes an object. Resolves also if there is none. */
  readonly remove: (url: string, options?: StoreRequestOptions) => Promise<void>;
  /**
   * Removes what killed writers have left of objects whose URL begins with a prefix.
   *
   * @param isWanted - whether to remove it, by the URL that the object would have got.
   */
  readonly removeUnfinished: (
    prefix: string,
    isWanted: (url: string) => boolean,
    options?: StoreRequestOptions,
  ) => Promise<void>;
}
