import { QuantileSketch } from './quantileSketch.js';

/** Summarizes numbers in bounded memory. All fields are exact, but quantiles are estimates. */
export class NumberSketch {
  /** The number of finite numbers. */
  count = 0;
  nans = 0;
  infinities = 0;
  min = Infinity;
  max = -Infinity;
  mean = 0;
  areIntegers = true;
  readonly quantiles: QuantileSketch;
  /** The sum of the squared distances from the mean. */
  #squares = 0;

  constructor(capacity: number) {
    this.quantiles = new QuantileSketch(capacity);
  }

  /**
   * @param isRanked - false if quantiles must not include this number.
   * @see https://doi.org/10.1080/00401706.1962.10490022 (Welford: mean and variance in one pass)
   */
  add(value: number, isRanked = true): void {
    if (!Number.isFinite(value)) {
      if (Number.isNaN(value)) this.nans++;
      else this.infinities++;
      return;
    }
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.areIntegers) this.areIntegers = Number.isInteger(value);
    const difference = value - this.mean;
    // The difference of two large numbers can exceed the range of float64.
    this.mean += Number.isFinite(difference) ? difference / this.count : value / this.count - this.mean / this.count;
    this.#squares += difference * (value - this.mean);
    if (isRanked) this.quantiles.add(value);
  }

  /** The standard deviation. */
  get deviation(): number {
    return Math.sqrt(this.#squares / this.count);
  }
}
