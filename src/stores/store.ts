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
