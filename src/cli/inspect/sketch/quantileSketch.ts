/**
 * The highest level has the full capacity. Each lower level, except the first, has this fraction of the capacity of the
 * next level.
 */
const SHRINKAGE = 2 / 3;
const LEAST_CAPACITY = 8;

/**
 * Estimates ranks and quantiles of a stream of numbers in bounded memory. Stores about 4 * `capacity` numbers, or all
 * numbers if there are fewer than `capacity`. The same numbers in the same order have the same result.
 *
 * @see https://arxiv.org/abs/1603.05346 (Karnin, Lang, Liberty)
 */
export class QuantileSketch {
  readonly #capacity: number;
  /** The values of level n have the weight 2^n. */
  readonly #levels: number[][] = [[]];
  /** For each level, whether its next compaction keeps the values of odd rank. */
  readonly #keepsOdd: boolean[] = [];
  /** The ranks of all values so far. */
  #ranks: Ranks | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** NaN and infinity are not allowed. */
  add(value: number): void {
    this.#ranks = undefined;
    const level = this.#levels[0] as number[];
    if (level.push(value) >= this.#capacity) this.#compact(0);
  }

  /** False if ranks are estimates. */
  get isExact(): boolean {
    return this.#levels.length === 1;
  }

  ranks(): Ranks {
    if (this.#ranks) return this.#ranks;
    const pairs = this.#levels.flatMap((values, level) => values.map((value) => [value, 2 ** level] as const));
    return (this.#ranks = new Ranks(pairs.sort(([one], [other]) => one - other)));
  }

  /** Replaces each pair of neighbours by one of them, with twice the weight. */
  #compact(index: number): void {
    const values = Float64Array.from(this.#levels[index] as number[]).sort();
    const keepsOdd = this.#keepsOdd[index] ?? false;
    this.#keepsOdd[index] = !keepsOdd;
    const end = values.length - (values.length % 2);
    this.#levels[index] = Array.from(values.subarray(end));
    const next = (this.#levels[index + 1] ??= []);
    for (let at = Number(keepsOdd); at < end; at += 2) next.push(values[at] as number);
    const depth = this.#levels.length - index - 2;
    if (next.length >= Math.max(LEAST_CAPACITY, this.#capacity * SHRINKAGE ** depth)) this.#compact(index + 1);
  }
}

/** The distribution of some numbers. */
export class Ranks {
  readonly values: Float64Array;
  /** The weight of each value together with all values before it. */
  readonly cumulative: Float64Array;

  /** @param pairs - values with weights, in ascending order. */
  constructor(pairs: readonly (readonly [value: number, weight: number])[]) {
    this.values = Float64Array.from(pairs, ([value]) => value);
    let sum = 0;
    this.cumulative = Float64Array.from(pairs, ([, weight]) => (sum += weight));
  }

  get total(): number {
    return this.cumulative.at(-1) ?? 0;
  }

  /** @param share - from 0 (the smallest value) to 1 (the greatest). */
  quantile(share: number): number {
    const at = this.cumulative.findIndex((weight) => weight >= share * this.total);
    return this.values[at] ?? Number.NaN;
  }

  /** Counts the values in parts of equal width. The last part includes its end. */
  histogram(from: number, to: number, parts: number): number[] {
    const counts = new Array<number>(parts).fill(0);
    // The range of large numbers can exceed the range of float64, but not if both ends are halved.
    const scale = Number.isFinite(to - from) ? 1 : 0.5;
    const range = to * scale - from * scale;
    this.values.forEach((value, index) => {
      if (value < from || value > to) return;
      const part = Math.min(parts - 1, Math.floor(((value * scale - from * scale) / range) * parts));
      counts[part] = (counts[part] as number) + this.#weightAt(index);
    });
    return counts;
  }

  /**
   * The Kolmogorov-Smirnov statistic: for all numbers x, the greatest difference between the shares of values up to x.
   */
  distanceTo(other: Ranks): number {
    let most = 0;
    let [mine, its] = [0, 0];
    while (mine < this.values.length && its < other.values.length) {
      const value = Math.min(this.values[mine] as number, other.values[its] as number);
      while (this.values[mine] === value) mine++;
      while (other.values[its] === value) its++;
      most = Math.max(most, Math.abs(this.#shareBefore(mine) - other.#shareBefore(its)));
    }
    return most;
  }

  #shareBefore(index: number): number {
    return (this.cumulative[index - 1] ?? 0) / this.total;
  }

  #weightAt(index: number): number {
    return (this.cumulative[index] as number) - (this.cumulative[index - 1] ?? 0);
  }
}
