const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const FIRST_SLOTS = 16;

/**
 * Gives each different byte string a number, in the order in which the strings are added. Finds bytes without
 * converting them to a string.
 *
 * A hash table with open addressing and the hash FNV-1a.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
 */
export class TextTable {
  readonly #texts: Uint8Array[] = [];
  /** A slot contains the number of a text plus one, or 0 if the slot is free. The number of slots is a power of two. */
  #slots = new Int32Array(FIRST_SLOTS);
  /** Random, so that nobody can choose texts that all have the same hash. */
  readonly #seed = FNV_OFFSET ^ (Math.random() * 2 ** 32);

  /** The texts, by their numbers. */
  get texts(): readonly Uint8Array[] {
    return this.#texts;
  }

  /** Returns the number of the text, or -1 for an unknown text. */
  find(text: Uint8Array): number {
    return (this.#slots[this.#slotOf(text)] as number) - 1;
  }

  /** Returns the number of the text. Adds a copy of a new text. */
  add(text: Uint8Array): number {
    const slot = this.#slotOf(text);
    const found = this.#slots[slot] as number;
    if (found > 0) return found - 1;
    const count = this.#texts.push(Uint8Array.from(text));
    this.#slots[slot] = count;
    if (2 * count > this.#slots.length) this.#grow();
    return count - 1;
  }

  /** Returns the slot of the text, or the free slot for it. */
  #slotOf(text: Uint8Array): number {
    let hash = this.#seed;
    for (let at = 0, end = text.length; at < end; at++) hash = Math.imul(hash ^ (text[at] as number), FNV_PRIME);
    const slots = this.#slots;
    const last = slots.length - 1;
    // The low bits of FNV-1a depend only on the low bits of the bytes, so the high bits are included.
    for (let slot = (hash ^ (hash >>> 15)) & last; ; slot = (slot + 1) & last) {
      const count = slots[slot] as number;
      if (count === 0 || areEqual(this.#texts[count - 1] as Uint8Array, text)) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#texts.forEach((text, number) => {
      this.#slots[this.#slotOf(text)] = number + 1;
    });
  }
}

function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}
