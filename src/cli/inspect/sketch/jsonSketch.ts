import { DataSketch, type SketchedRecords } from './dataSketch.js';
import type { FeatureSketch } from './featureSketch.js';

/** Memory must not grow with the data. */
const MAX_NAME_LENGTH = 1000;

/** Summarizes the values of JSON objects. A field inside an object has a name with dots, as in `decodeJson`. */
export class JsonSketch {
  readonly #sketch = new DataSketch();
  readonly #features = new Map<string, FeatureSketch>();

  /** Arrays are not summarized. */
  add(object: object): void {
    if (Array.isArray(object)) return;
    this.#sketch.records++;
    this.#addFields(object, '');
  }

  sketched(): SketchedRecords {
    const features = Array.from(this.#features, ([name, sketch]) => {
      const { numbers, kinds } = sketch;
      const type = kinds.number === 0 ? 'text' : numbers.areIntegers ? 'integer' : 'number';
      return { name, type, sketch };
    });
    return { records: this.#sketch.records, features };
  }

  #addFields(object: object, prefix: string): void {
    for (const [key, value] of Object.entries(object) as [string, unknown][]) {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        this.#addFields(value, `${prefix}${key}.`);
        continue;
      }
      const values = valuesOf(value);
      if (values.length > 0) this.#find(`${prefix}${key}`)?.add(values);
    }
  }

  #find(name: string): FeatureSketch | undefined {
    let sketch = this.#features.get(name);
    if (sketch || name.length > MAX_NAME_LENGTH) return sketch;
    sketch = this.#sketch.newFeature();
    if (sketch) this.#features.set(name, sketch);
    return sketch;
  }
}

/** The elements of an array of any rank. `null` and objects have none. */
function valuesOf(value: unknown): (number | string)[] {
  if (Array.isArray(value)) return (value.flat(Infinity) as unknown[]).flatMap(valuesOf);
  if (typeof value === 'boolean') return [String(value)];
  return typeof value === 'number' || typeof value === 'string' ? [value] : [];
}
