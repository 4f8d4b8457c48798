import type { NDArray, RaggedArray } from '../../../arrays/ndarray.js';
import { ColumnPlan } from '../../../formats/parquet/columnPlan.js';
import { rowsOf } from '../../../formats/parquet/joinRows.js';
import type { ParquetColumn } from '../../../formats/parquet/parquetTypes.js';
import { readTables } from '../../../pipeline/parquet/readTables.js';
import { DEFAULT_READING } from '../../../stores/storeBytes.js';
import type { FoundInput } from '../findInputs.js';
import { readableColumns, type ParquetColumnFacts } from '../parquetCode.js';
import type { DataSketch } from '../sketch/dataSketch.js';
import type { SketchedValue } from '../sketch/featureSketch.js';

const BATCH_ROWS = 1024;
/** The text that replaces nulls. */
const NULL_TEXT = '\u0000null\u0000';
const NULL_BYTES = Buffer.from(NULL_TEXT);

export interface SketchedRows {
  /** The columns of the file. */
  readonly all: readonly ParquetColumnFacts[];
  readonly signal: AbortSignal;
  /** The maximum number of rows. */
  readonly limit: number;
  /** Returns true if the next row belongs to the statistics. */
  readonly isSketched: () => boolean;
  readonly onRows: (rows: number) => void;
}

/** Adds the rows of a file to the statistics. Rejects like `fromParquet`. */
export async function sketchParquet(
  sketch: DataSketch,
  file: FoundInput,
  { all, signal, limit, isSketched, onRows }: SketchedRows,
): Promise<void> {
  const columns = readableColumns(all).filter(({ name }) => sketch.of(name));
  if (columns.length === 0) return;
  const options = Object.fromEntries(columns.map((column) => [column.name, optionOf(column)]));
  const plan = new ColumnPlan({ columns: options, select: columns.map(({ name }) => name) });
  const tables = readTables(
    { file, reading: DEFAULT_READING },
    { plan, batchSize: BATCH_ROWS, judge: undefined, signal },
  );
  let left = limit;
  for await (const table of tables) {
    const count = Math.min(left, rowsOf(table));
    for (let row = 0; row < count; row++) {
      if (!isSketched()) continue;
      sketch.records++;
      for (const { name } of columns) sketch.of(name)?.add(valuesOf(table[name] as NDArray | RaggedArray, row));
    }
    left -= count;
    onRows(count);
    if (left === 0) return;
  }
}

/** In a column that may contain nulls, nulls of numbers become NaN. */
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
