import type { Store, StoredObject } from '../../../../src/stores/store.js';

/** Objects in memory, `mem://data/<name>`, that counts the bytes that are read. */
export class MemoryStore implements Store {
  readonly schemes = ['mem://'];
  readonly #objects = new Map<string, Uint8Array>();
  bytesRead = 0;
  /** The number of reads that have begun. */
  reads = 0;
  hasRanges = true;

  constructor(objects: Readonly<Record<string, Uint8Array>>) {
    for (const [name, bytes] of Object.entries(objects)) this.put(name, bytes);
  }

  put(name: string, bytes: Uint8Array): void {
    this.#objects.set(`mem://data/${name}`, bytes);
  }

  readonly list: Store['list'] = (prefix) => {
    const urls = [...this.#objects.keys()].filter((url) => url.startsWith(prefix)).sort();
    const { hasRanges } = this;
    const objects = urls.map((url): StoredObject => {
      const bytes = this.#objects.get(url)!;
      return {
        url,
        byteLength: bytes.length,
        version: `v${bytes.length}`,
        hasRanges,
      };
    });
    return (async function* () {
      yield* await Promise.resolve(objects);
    })();
  };

  readonly read: Store['read'] = async ({ url }, start, end, options) => {
    this.reads++;
    this.bytesRead += end - start;
    await Promise.resolve();
    options?.signal?.throwIfAborted();
    return this.#objects.get(url)!.slice(start, end);
  };
}
