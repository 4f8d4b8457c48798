import { fileStore } from '../../../../src/stores/fileStore.js';
import type { Store, StoredObject } from '../../../../src/stores/store.js';

/** Stores objects as files of a folder: `disk://data/a/b` is the file `a/b`. */
export class FolderStore implements Store {
  readonly schemes: readonly string[];
  /** The prefixes that were listed. */
  readonly listed: string[] = [];
  /** The ranges that were read: `a/b 0-10`. */
  readonly ranges: string[] = [];
  readonly #files = fileStore();
  readonly #folder: string;
  readonly #urlPrefix: string;

  constructor(folder: string, urlPrefix = 'disk://data/') {
    this.#folder = `${folder}/`;
    this.#urlPrefix = urlPrefix;
    this.schemes = [urlPrefix];
  }

  readonly list: Store['list'] = (prefix, options) => {
    this.listed.push(prefix);
    return this.#objectsBelow(prefix, options);
  };

  readonly read: Store['read'] = (object, start, end, options) => {
    const key = object.url.slice(this.#urlPrefix.length);
    this.ranges.push(`${key} ${start}-${end}`);
    return this.#files.read({ ...object, url: this.#folder + key }, start, end, options);
  };

  async *#objectsBelow(prefix: string, options: Parameters<Store['list']>[1]): AsyncGenerator<StoredObject> {
    const key = prefix.slice(this.#urlPrefix.length);
    // Keys have no folders, so a prefix without its folder is not an error.
    try {
      for await (const object of this.#files.list(this.#folder + key, options)) {
        yield { ...object, url: this.#urlPrefix + object.url.slice(this.#folder.length) };
      }
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as { errno?: string }).errno ?? '')) throw error;
    }
  }
}
