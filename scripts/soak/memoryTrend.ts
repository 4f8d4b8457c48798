const MEBIBYTE = 2 ** 20;

/** What became of the memory while data passed. */
export interface MemoryFigures {
  readonly samples: number;
  /** How much the line of best fit rises for each GiB, in MiB. */
  readonly slope: number;
  /** How much that line rises from the first sample to the last, in MiB. */
  readonly rise: number;
  readonly minMib: number;
  readonly maxMib: number;
}

/** Fits a line to the memory that is in use, by least squares, as a function of the data that has passed; keeps sums only. */
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

  /** Takes a sample: how much has passed, in GiB, and what is in use, in bytes. */
  add(gib: number, bytes: number): void {
    const mib = bytes / MEBIBYTE;
    if (this.#samples === 0) {
      this.#firstGib = gib;
      this.#minMib = mib;
    }
    this.#lastGib = gib;
    this.#samples++;
    // Welford's way, which loses nothing to large sums.
    const fromMean = gib - this.#meanGib;
    this.#meanGib += fromMean / this.#samples;
    this.#meanMib += (mib - this.#meanMib) / this.#samples;
    this.#varianceSum += fromMean * (gib - this.#meanGib);
    this.#covarianceSum += fromMean * (mib - this.#meanMib);
    this.#minMib = Math.min(this.#minMib, mib);
    this.#maxMib = Math.max(this.#maxMib, mib);
  }

  /** The figures by now: without two samples apart there is no line, and its slope is 0. */
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
