import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileStore } from '../../src/stores/fileStore.js';
import type { Store, StoredObject, WritableStore } from '../../src/stores/store.js';

/** A store of buckets whose objects are the files of a folder: `s3://bucket/key` is `bucket/key` in it. */
export interface FolderStore extends WritableStore {
  /** The prefixes that were listed. */
  readonly lists: string[];
  /** The ranges that were requested, as `s3://bucket/key 0-10`. */
  readonly reads: string[];
}

export function folderStore(folder: string): FolderStore {
  const files = fileStore();
  const pathOf = (url: string) => url.replace('s3:/', folder);
  const urlOf = (path: string) => path.replace(folder, 's3:/');
  const lists: string[] = [];
  const reads: string[] = [];
  return {
    lists,
    reads,
    schemes: ['s3://'],
    async *list(prefix, options) {
      lists.push(prefix);
      // In S3, only a bucket can be missing.
      const isBucket = existsSync(pathOf(prefix.split('/', 3).join('/')));
      if (isBucket && !existsSync(dirname(`${pathOf(prefix)}x`))) return;
      for await (const object of files.list(pathOf(prefix), options)) yield { ...object, url: urlOf(object.url) };
    },
    async read(object, start, end, options) {
      reads.push(`${object.url} ${start}-${end}`);
      return files.read({ ...object, url: pathOf(object.url) }, start, end, options);
    },
    create: (url, options) => files.create(pathOf(url), options),
    remove: (url, options) => files.remove(pathOf(url), options),
    removeUnfinished: (prefix, shouldRemove, options) =>
      files.removeUnfinished(pathOf(prefix), (path) => shouldRemove(urlOf(path)), options),
  };
}

/** A store that lists objects with these URLs, in this order, and reads their bytes. */
export function memoryStore(contents: Readonly<Record<string, string>>): Store {
  const objects = Object.entries(contents).map(([url, text]): StoredObject => {
    return { url, byteLength: Buffer.byteLength(text), version: undefined, hasRanges: true };
  });
  return {
    schemes: ['s3://'],
    // oxlint-disable-next-line typescript/require-await -- a listing is asynchronous
    async *list(prefix) {
      yield* objects.filter(({ url }) => url.startsWith(prefix));
    },
    read: ({ url }, start, end) => Promise.resolve(Buffer.from(contents[url] ?? '').subarray(start, end)),
  };
}
