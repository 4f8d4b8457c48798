/**
 * Each size below this limit has its own bucket. Above this limit, each range from 2^n to 2^(n+1) has
 * `BUCKETS_A_DOUBLING` buckets.
 */
const EXACT_SIZES = 2048;
const EXACT_BITS = Math.log2(EXACT_SIZES);
const BUCKETS_A_DOUBLING = EXACT_SIZES / 2;

export interface SizeSummary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly total: number;
}

/**
 * Summarizes sizes in constant memory. If there are two middle sizes, the median is the smaller one. The median is
 * exact below 2,048 bytes. Above, its error is at most 0.1 %.
 */
export class SizeHistogram {
  readonly #buckets: number[] = [];
  #count = 0;
  #min = Infinity;
  #max = 0;
  #total = 0;

  add(size: number): void {
    const bucket = bucketOf(size);
    while (this.#buckets.length <= bucket) this.#buckets.push(0);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    this.#min = Math.min(this.#min, size);
    this.#max = Math.max(this.#max, size);
    this.#total += size;
  }

  addAll(other: SizeHistogram): void {
    other.#buckets.forEach((count, bucket) => {
      this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
    });
    this.#count += other.#count;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#total += other.#total;
  }

  get count(): number {
    return this.#count;
  }

  summary(): SizeSummary | null {
    if (this.#count === 0) return null;
    let bucket = 0;
    for (let passed = this.#buckets[0] ?? 0; passed < this.#count / 2; passed += this.#buckets[bucket] ?? 0) bucket++;
    const median = Math.min(Math.max(middleOf(bucket), this.#min), this.#max);
    return { min: this.#min, median, max: this.#max, total: this.#total };
  }
}

function bucketOf(size: number): number {
  if (size < EXACT_SIZES) return size;
  const doublings = Math.floor(Math.log2(size)) - EXACT_BITS;
  return EXACT_SIZES + doublings * BUCKETS_A_DOUBLING + Math.floor(size / 2 ** (doublings + 1)) - BUCKETS_A_DOUBLING;
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_SIZES) return bucket;
  const doublings = Math.floor((bucket - EXACT_SIZES) / BUCKETS_A_DOUBLING);
  const place = (bucket - EXACT_SIZES) % BUCKETS_A_DOUBLING;
  return (BUCKETS_A_DOUBLING + place + 0.5) * 2 ** (doublings + 1);
}
