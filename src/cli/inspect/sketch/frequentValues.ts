export interface CountedValue<T> {
  readonly value: T;
  readonly count: number;
}

/**
 * Counts the most frequent values of a stream. Counts are exact if there are at most `capacity` different values.
 * Otherwise, a count can be too small by up to `missed`, and each value that is more frequent than `missed` is found.
 * `missed` is at most the number of all values divided by `capacity`.
 *
 * @see https://doi.org/10.1016/0167-6423(82)90012-0 (Misra, Gries: Finding repeated elements)
 */
export class FrequentValues<T> {
  readonly #capacity: number;
  readonly #counts = new Map<T, number>();
  missed = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(value: T): void {
    const count = this.#counts.get(value);
    if (count !== undefined) this.#counts.set(value, count + 1);
    else if (this.#counts.size < this.#capacity) this.#counts.set(value, 1);
    else this.#decrement();
  }

  get isExact(): boolean {
    return this.missed === 0;
  }

  /** The number of different values if `isExact`, otherwise the number of values that are counted. */
  get size(): number {
    return this.#counts.size;
  }

  /**
   * Returns the values in descending order of their counts. Values with equal counts have the order of their first
   * occurrence.
   */
  all(): CountedValue<T>[] {
    const values = Array.from(this.#counts, ([value, count]) => ({ value, count }));
    return values.sort((one, other) => other.count - one.count);
  }

  #decrement(): void {
    this.missed++;
    for (const [value, count] of this.#counts) {
      if (count === 1) this.#counts.delete(value);
      else this.#counts.set(value, count - 1);
    }
  }
}
