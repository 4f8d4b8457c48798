import type { Store } from '../../../../src/stores/store.js';
import { FolderStore } from './folderStore.js';

/** A {@link FolderStore} whose reads wait until the test releases them. */
export class HeldStore implements Store {
  readonly #files: FolderStore;
  readonly #releases = new Map<string, () => void>();
  readonly schemes: readonly string[];
  readonly list: Store['list'];

  constructor(folder: string) {
    this.#files = new FolderStore(folder);
    this.schemes = this.#files.schemes;
    this.list = this.#files.list;
  }

  /** The waiting reads, such as `b 0-10` of the key `b`, in the order of the requests. */
  get waiting(): readonly string[] {
    return [...this.#releases.keys()];
  }

  readonly read: Store['read'] = async (object, start, end, options) => {
    const name = `${object.url.split('/').at(-1)} ${start}-${end}`;
    const { signal } = options!;
    await new Promise<void>((resolve, reject) => {
      this.#releases.set(name, resolve);
      signal!.addEventListener('abort', () => reject(signal!.reason as Error));
    }).finally(() => this.#releases.delete(name));
    return this.#files.read(object, start, end, options);
  };

  release(name: string): void {
    this.#releases.get(name)!();
  }
}
