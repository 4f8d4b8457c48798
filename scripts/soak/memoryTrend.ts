const MEBIBYTE = 2 ** 20;

export interface MemoryFigures {
  readonly samples: number;
  readonly slope: number;
  readonly rise: number;
  readonly minMib: number;
  readonly maxMib: number;
}

/** Fits a line to the used memory as a function of the data read, by least squares. Stores only sums. */
export class MemoryTrend {
  #samples = 0;
  #meanGib = 0;
  #meanMib = 0;
  #varianceSum = 0;
  #covarianceSum = 0;
  #firstGib = 0;
  #lastGib = 0;
  #minMib = 0;
  #maxMib = 0;

  /** @param gib - the data read so far. */
  add(gib: number, bytes: number): void {
    const mib = bytes / MEBIBYTE;
    if (this.#samples === 0) {
      this.#firstGib = gib;
      this.#minMib = mib;
    }
    this.#lastGib = gib;
    this.#samples++;
    // Welford's algorithm, because large sums would lose precision.
    const fromMean = gib - this.#meanGib;
    this.#meanGib += fromMean / this.#samples;
    this.#meanMib += (mib - this.#meanMib) / this.#samples;
    this.#varianceSum += fromMean * (gib - this.#meanGib);
    this.#covarianceSum += fromMean * (mib - this.#meanMib);
    this.#minMib = Math.min(this.#minMib, mib);
    this.#maxMib = Math.max(this.#maxMib, mib);
  }

  /** The slope is 0 if there are no two different samples. */
  get figures(): MemoryFigures {
    const slope = this.#varianceSum > 0 ? this.#covarianceSum / this.#varianceSum : 0;
    return {
      samples: this.#samples,
      slope,
      rise: slope * (this.#lastGib - this.#firstGib),
      minMib: this.#minMib,
      maxMib: this.#maxMib,
    };
  }
}
