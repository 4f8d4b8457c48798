import { seededRandom } from '../../../base/seededRandom.js';

/** A random sample of a stream: each item has the same probability to be in it. Equal streams have equal samples. */
export class Reservoir<T> {
  readonly items: T[] = [];
  readonly #capacity: number;
  readonly #random = seededRandom(0, 0);
  #seen = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * @param make - called only if the item becomes a part of the sample.
   * @returns the item that left the sample.
   */
  add(make: () => T): T | undefined {
    const index = this.#random(++this.#seen);
    if (this.items.length < this.#capacity) this.items.push(make());
    else if (index < this.#capacity) return this.items.splice(index, 1, make())[0];
    return undefined;
  }
}
