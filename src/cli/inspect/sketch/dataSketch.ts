import { FeatureSketch, type SketchSizes } from './featureSketch.js';

/** Limits the memory: features after this number have smaller sketches. */
const DETAILED_FEATURES = 100;
const DETAILED: SketchSizes = { counted: 1000, ranked: 512, texts: 8, images: 12 };
const SMALL: SketchSizes = { counted: 64, ranked: 96, texts: 1, images: 0 };
const IMAGE_BYTES = 64 * 1024 * 1024;

/** Features after this number, and features with longer names, are omitted. */
const MOST_FEATURES = 10_000;
const MAX_NAME_LENGTH = 1000;

export interface SketchedFeature {
  readonly name: string;
  /** The dtype, or another name of the type. */
  readonly type: string;
  /** True if texts such as `00501` are not numbers. */
  readonly isText?: boolean;
  readonly sketch: FeatureSketch;
}

export interface SketchedRecords {
  readonly records: number;
  readonly features: readonly SketchedFeature[];
}

export class DataSketch {
  records = 0;
  readonly #features = new Map<string, FeatureSketch>();
  readonly #imageMemory = { left: IMAGE_BYTES };

  /** Returns the sketch of a feature. Returns `undefined` if the feature is omitted. */
  of(name: string): FeatureSketch | undefined {
    const known = this.#features.get(name);
    const { size } = this.#features;
    if (known || size === MOST_FEATURES || name.length > MAX_NAME_LENGTH) return known;
    const sketch = new FeatureSketch(size < DETAILED_FEATURES ? DETAILED : SMALL, this.#imageMemory);
    this.#features.set(name, sketch);
    return sketch;
  }

  addValue(name: string, value: string | Uint8Array): void {
    this.records++;
    this.of(name)?.add([value]);
  }

  sketched(describe: (name: string, sketch: FeatureSketch) => Omit<SketchedFeature, 'sketch'>): SketchedRecords {
    const features = Array.from(this.#features, ([name, sketch]) => ({ ...describe(name, sketch), sketch }));
    return { records: this.records, features };
  }
}
