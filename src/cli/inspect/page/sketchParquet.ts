import type { NDArray, RaggedArray } from '../../../arrays/ndarray.js';
import { ColumnPlan } from '../../../formats/parquet/columnPlan.js';
import { rowsOf } from '../../../formats/parquet/joinRows.js';
import type { ParquetColumn } from '../../../formats/parquet/parquetTypes.js';
import { readTables } from '../../../pipeline/parquet/readTables.js';
import { DEFAULT_READING } from '../../../stores/storeBytes.js';
import type { FoundInput } from '../findInputs.js';
import { readableColumns, type ParquetColumnFacts } from '../parquetCode.js';
import { DataSketch, type SketchedRecords } from '../sketch/dataSketch.js';
import type { FeatureSketch, SketchedValue } from '../sketch/featureSketch.js';

const BATCH_ROWS = 1024;
/** Replaces nulls of texts. */
const NULL_TEXT = '\u0000null\u0000';
const NULL_BYTES = Buffer.from(NULL_TEXT);

export interface SketchedRows {
  readonly signal: AbortSignal;
  /** The maximum number of rows. */
  readonly limit: number;
  /** Returns true if the next row belongs to the statistics. */
  readonly isSketched: () => boolean;
  readonly onRows: (rows: number) => void;
}

/** Summarizes the columns of Parquet files with the same columns. */
export class ParquetSketch {
  readonly #sketch = new DataSketch();
  readonly #columns = new Map<string, FeatureSketch | undefined>();

  /** Reads the rows of a file. Rejects like `fromParquet`. */
  async addFile(file: FoundInput, all: readonly ParquetColumnFacts[], rows: SketchedRows): Promise<void> {
    const columns = readableColumns(all);
    for (const { name } of columns) if (!this.#columns.has(name)) this.#columns.set(name, this.#sketch.newFeature());
    const select = columns.map(({ name }) => name).filter((name) => this.#columns.get(name) !== undefined);
    if (select.length === 0) return;
    const options = Object.fromEntries(columns.map((column) => [column.name, optionOf(column)] as const));
    const plan = new ColumnPlan({ columns: options, select });
    const reading = { plan, batchSize: BATCH_ROWS, judge: undefined, signal: rows.signal };
    let left = rows.limit;
    for await (const table of readTables({ file, reading: DEFAULT_READING }, reading)) {
      const count = Math.min(left, rowsOf(table));
      for (let row = 0; row < count; row++) {
        if (!rows.isSketched()) continue;
        this.#sketch.records++;
        for (const name of select) this.#columns.get(name)?.add(valuesOf(table[name] as NDArray | RaggedArray, row));
      }
      left -= count;
      rows.onRows(count);
      if (left === 0) return;
    }
  }

  sketched(types: ReadonlyMap<string, string>): SketchedRecords {
    const features = [...this.#columns].flatMap(([name, sketch]) => {
      return sketch ? [{ name, type: types.get(name) ?? '', sketch }] : [];
    });
    return { records: this.#sketch.records, features };
  }
}

/** In a column that may be null, nulls of numbers become NaN. */
function optionOf({ dtype, maxRepetition, nulls }: ParquetColumnFacts): ParquetColumn {
  const ragged = maxRepetition === 0 ? {} : ({ kind: 'ragged' } as const);
  if (nulls === 0) return ragged;
  return { ...ragged, ...(dtype === 'bytes' ? { default: NULL_TEXT } : { dtype: 'float64', default: Number.NaN }) };
}

function valuesOf(array: NDArray | RaggedArray, row: number): SketchedValue[] {
  const [{ data }, start, end] =
    'rowSplits' in array
      ? [array.values, array.rowSplits[row] ?? 0, array.rowSplits[row + 1] ?? 0]
      : [array, row, row + 1];
  const values = Array.from<SketchedValue>(data.slice(start, end));
  return values.filter((value) => !isNull(value));
}

function isNull(value: SketchedValue): boolean {
  return value instanceof Uint8Array
    ? value.length === NULL_BYTES.length && NULL_BYTES.equals(value)
    : Number.isNaN(value);
}
