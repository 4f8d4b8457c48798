import type { TableDType } from '../../../formats/table/tableDType.js';
import { DataSketch, type SketchedRecords } from './dataSketch.js';
import type { FeatureSketch } from './featureSketch.js';

/** Summarizes the columns of CSV. */
export class CsvSketch {
  readonly #sketch = new DataSketch();
  readonly #columns: readonly (FeatureSketch | undefined)[];

  constructor(columns: number) {
    this.#columns = Array.from({ length: columns }, () => this.#sketch.newFeature());
  }

  /** @param columnOf - returns the column of a field. */
  add(fields: readonly string[], columnOf: (field: number) => number): void {
    this.#sketch.records++;
    for (const [field, text] of fields.entries()) this.#columns[columnOf(field)]?.addField(text);
  }

  sketched(dtypes: readonly TableDType[], header: readonly string[] | undefined): SketchedRecords {
    const features = this.#columns.flatMap((sketch, index) => {
      const type = dtypes[index] ?? 'string';
      const name = header?.[index] ?? `column${index + 1}`;
      return sketch ? [{ name, type, isText: type === 'string', sketch }] : [];
    });
    return { records: this.#sketch.records, features };
  }
}
