import { FeatureSketch, type SketchSizes } from './featureSketch.js';

/** Bounds the memory: the features after the first 100 share the memory of smaller sketches. */
const DETAILED_FEATURES = 100;
const DETAILED: SketchSizes = { counted: 1000, ranked: 512, texts: 8, images: 12 };
const SMALL: SketchSizes = { counted: 64, ranked: 96, texts: 1, images: 0 };
const IMAGE_BYTES = 64 * 1024 * 1024;

/** Later features are omitted. */
export const MOST_FEATURES = 10_000;

export interface SketchedFeature {
  readonly name: string;
  /** The dtype, or another name of the type. */
  readonly type: string;
  /** True if texts that are numbers, such as `00501`, are only texts. */
  readonly isText?: boolean;
  readonly sketch: FeatureSketch;
}

export interface SketchedRecords {
  readonly records: number;
  readonly features: readonly SketchedFeature[];
}

/** A sketch for data sets with few features. */
export function newSketch(): FeatureSketch {
  return new FeatureSketch(DETAILED, { left: IMAGE_BYTES });
}

/** Creates the sketches of one data set. */
export class DataSketch {
  /** The number of records that were added. */
  records = 0;
  #features = 0;
  readonly #imageMemory = { left: IMAGE_BYTES };

  /** `undefined` after too many features. */
  newFeature(): FeatureSketch | undefined {
    if (this.#features === MOST_FEATURES) return undefined;
    return new FeatureSketch(this.#features++ < DETAILED_FEATURES ? DETAILED : SMALL, this.#imageMemory);
  }
}
