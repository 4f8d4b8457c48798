/**
 * The maximum number of different values. Further values are counted only in the total, because memory must not grow
 * with the data.
 */
const MAX_VALUES = 8;

interface Entry<T> {
  readonly value: T;
  readonly place: string;
  count: number;
}

export interface OddOne<T> {
  /** The most frequent value. */
  readonly usual: T;
  readonly count: number;
  readonly total: number;
  /** The first value that differs from `usual`. */
  readonly odd: T;
  readonly place: string;
}

export class ValueCounts<T> {
  readonly #entries: Entry<T>[] = [];
  #last: Entry<T> | undefined;
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** `place` is called when a value occurs for the first time. */
  add(value: T, place: () => string): void {
    this.#total++;
    if (this.#last?.value !== value) this.#last = this.#entries.find((entry) => entry.value === value);
    if (this.#last) this.#last.count++;
    else if (this.#entries.length < MAX_VALUES) {
      this.#entries.push((this.#last = { value, place: place(), count: 1 }));
    }
  }

  /** Returns the most frequent value: the first one if several are equally frequent. */
  get usual(): { readonly value: T; readonly count: number } | undefined {
    return this.#entries.reduce<Entry<T> | undefined>(
      (most, entry) => (entry.count > (most?.count ?? 0) ? entry : most),
      undefined,
    );
  }

  /** If more than `share` (from 0 to 1) of all values equal the usual value, returns the first other value. */
  oddOne(share: number): OddOne<T> | undefined {
    const { usual } = this;
    const other = this.#entries.find(({ value }) => value !== usual?.value);
    if (!usual || !other || usual.count <= share * this.#total) return undefined;
    return { usual: usual.value, count: usual.count, total: this.#total, odd: other.value, place: other.place };
  }
}
