/**
 * The contents of a data page. The page contains features as JSON, so the fields of a feature have short names. There
 * are one or two data sets.
 */
export interface DataPageFacts {
  readonly title: string;
  readonly groups: readonly GroupFacts[];
}

/** One data set, or two data sets of the same format. */
export interface GroupFacts {
  readonly title: string;
  readonly sets: readonly SetFacts[];
  /** The sizes of the records. */
  readonly sizes: HistogramFacts | undefined;
  readonly classes: ClassFacts | undefined;
  readonly images: readonly ImageFacts[];
  readonly features: readonly FeatureFacts[];
}

export interface SetFacts {
  readonly name: string;
  readonly records: number;
  /** The number of records and bytes, and whether the command has read all of them. */
  readonly extent: string;
  readonly remarks: readonly string[];
  /** Code or JSON that parses the records. */
  readonly proposal: { readonly title: string; readonly text: string } | undefined;
}

export interface ClassFacts {
  readonly feature: string;
  readonly classes: readonly TopValue[];
  /** The number of values in each data set. */
  readonly totals: readonly number[];
}

export interface ImageFacts {
  readonly feature: string;
  /** `undefined` if there is no thumbnail. */
  readonly url: string | undefined;
  readonly text: string;
}

export interface HistogramFacts {
  /** The name of the values, such as `lengths in bytes`. */
  readonly l: string;
  /** The range of numbers. Missing if each bar is one of the most frequent values. */
  readonly from?: number;
  readonly to?: number;
  /** For each data set, the heights of the bars in percent of the highest bar. */
  readonly c: readonly (readonly number[])[];
  /** The share of values outside of the range, in percent. */
  readonly out?: number | undefined;
}

/** A value, and how often it occurs in each data set. */
export type TopValue = readonly [value: string, ...counts: number[]];

export interface FeatureFacts {
  readonly n: string;
  readonly t: string;
  /**
   * The distance of the data sets, the distance that samples of equal data can have, and the property that differs
   * most.
   */
  readonly d?: readonly [distance: number, chance: number, of: string];
  /** The statistics of each data set. `null` if the data set does not have the feature. */
  readonly f: readonly (Figures | null)[];
  readonly h: readonly HistogramFacts[];
  readonly v?: readonly TopValue[];
  /** The number of values in each data set. */
  readonly s: readonly number[];
  /** 1 if the counts of `v` are lower bounds. */
  readonly low?: 1;
  /** Some texts of each data set. */
  readonly x?: readonly (readonly string[])[];
}

export interface Figures {
  /** The number of records without a value. */
  readonly m: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly sd?: number;
  /** The quantiles 5 %, 25 %, 50 %, 75 % and 95 %. */
  readonly q?: readonly number[];
  readonly nan?: number;
  readonly inf?: number;
  /** The number of different values. */
  readonly u?: number;
  /** Min, mean and max of the lengths in bytes (`len`), and of the number of values in a record (`cnt`). */
  readonly len?: readonly number[];
  readonly cnt?: readonly number[];
}
