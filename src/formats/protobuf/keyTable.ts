/** Finds names by their UTF-8 bytes, without decoding. */
export class KeyTable {
  readonly #keys: Uint8Array[] = [];
  /**
   * For each hash, a linked list of keys. `#first` has an entry for each hash, and `#next` has one for each key. An
   * entry is 0 at the end of the list, or 1 plus the number of a key.
   */
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  constructor(names: readonly string[]) {
    // A power of two, so that a mask can replace the remainder.
    this.#first = new Int32Array(2 ** Math.ceil(Math.log2(2 * names.length + 1)));
    this.#next = new Int32Array(names.length);
    for (const [number, name] of names.entries()) {
      const key = new Uint8Array(Buffer.from(name, 'utf8'));
      const hash = this.#hash(key, 0, key.length);
      this.#keys.push(key);
      this.#next[number] = this.#first[hash] ?? 0;
      this.#first[hash] = number + 1;
    }
  }

  /** Returns -1 for an unknown name. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let entry = this.#first[this.#hash(bytes, start, end)] ?? 0;
    while (entry > 0 && !this.#matches(entry - 1, bytes, start, end)) entry = this.#next[entry - 1] ?? 0;
    return entry - 1;
  }

  #matches(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const key = this.#keys[number];
    if (key?.length !== end - start) return false;
    for (let index = 0; index < key.length; index++) {
      if (key[index] !== bytes[start + index]) return false;
    }
    return true;
  }

  #hash(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.#first.length - 1);
  }
}
