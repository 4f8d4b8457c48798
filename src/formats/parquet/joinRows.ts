import {
  uncheckedArray,
  uninitialized,
  type DataOf,
  type DType,
  type NDArray,
  type RaggedArray,
} from '../../arrays/ndarray.js';
import { setProperty } from '../../base/setProperty.js';
import { copyRun } from '../../arrays/copyElements.js';

export type ColumnArrays = Record<string, NDArray | RaggedArray>;

/** Some consecutive rows of a table. */
export interface RowRun {
  readonly table: ColumnArrays;
  readonly start: number;
  readonly end: number;
}

export function joinRows(runs: readonly RowRun[]): ColumnArrays {
  const joined: ColumnArrays = {};
  for (const [name, array] of Object.entries(runs[0]?.table ?? {})) {
    setProperty(joined, name, 'rowSplits' in array ? joinLists(runs, name) : joinValues(runs, name));
  }
  return joined;
}

interface Part {
  readonly array: NDArray;
  readonly start: number;
  readonly end: number;
}

function joinValues(runs: readonly RowRun[], name: string): NDArray {
  // One object for each row of each column would take longer than copying the values.
  if (runs.some(({ start, end }) => end !== start + 1)) {
    return joinArrays(runs.map(({ table, start, end }) => ({ array: table[name] as NDArray, start, end })));
  }
  const rows = runs.length;
  const { dtype } = (runs[0] as RowRun).table[name] as NDArray;
  const data: DataOf[DType] = dtype === 'bytes' ? [] : uninitialized(dtype, rows);
  for (let at = 0; at < rows; at++) {
    const { table, start } = runs[at] as RowRun;
    data[at] = (table[name] as NDArray).data[start] as never;
  }
  return uncheckedArray<DType>(dtype, [rows], data);
}

function joinArrays(parts: readonly Part[]): NDArray {
  const { dtype } = (parts[0] as Part).array;
  const rows = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  const data: DataOf[DType] = dtype === 'bytes' ? [] : uninitialized(dtype, rows);
  let at = 0;
  for (const { array, start, end } of parts) {
    copyRun(array.data, [start, end], data, at);
    at += end - start;
  }
  return uncheckedArray<DType>(dtype, [rows], data);
}

function joinLists(runs: readonly RowRun[], name: string): RaggedArray {
  const rowSplits = [0];
  const elements = runs.map(({ table, start, end }) => {
    const { values, rowSplits: splits } = table[name] as RaggedArray;
    const [first = 0, last = 0] = [splits[start], splits[end]];
    const shift = (rowSplits.at(-1) ?? 0) - first;
    for (const split of splits.subarray(start + 1, end + 1)) rowSplits.push(split + shift);
    return { array: values, start: first, end: last };
  });
  return { values: joinArrays(elements), rowSplits: Int32Array.from(rowSplits) };
}

export function rowsOf(table: ColumnArrays): number {
  const [array] = Object.values(table);
  if (!array) return 0;
  return 'rowSplits' in array ? array.rowSplits.length - 1 : (array.shape[0] ?? 0);
}

/** Makes tables of `batchSize` rows. Without a batch size, makes one table of each row group. */
export class RowBatches {
  readonly #batchSize: number;
  #runs: RowRun[] = [];
  #rows = 0;

  constructor(batchSize = Infinity) {
    this.#batchSize = batchSize;
  }

  /** Adds the rows of a row group, and returns the complete tables. */
  *add(runs: readonly RowRun[]): Generator<ColumnArrays> {
    for (const { table, start, end } of runs) {
      for (let at = start; at < end;) {
        const to = Math.min(end, at + this.#batchSize - this.#rows);
        this.#runs.push({ table, start: at, end: to });
        this.#rows += to - at;
        at = to;
        if (this.#rows === this.#batchSize) yield this.#take();
      }
    }
    if (this.#batchSize === Infinity) yield* this.end();
    // The rows are copied, because views would keep the whole row group in memory.
    else if (this.#rows > 0) this.#runs = [{ table: joinRows(this.#runs), start: 0, end: this.#rows }];
  }

  /** Returns the last table, which can have fewer than `batchSize` rows. */
  *end(): Generator<ColumnArrays> {
    if (this.#rows > 0) yield this.#take();
  }

  #take(): ColumnArrays {
    const [first] = this.#runs;
    const isWhole = first?.end === this.#rows && this.#rows === rowsOf(first.table);
    const table = isWhole ? first.table : joinRows(this.#runs);
    this.#runs = [];
    this.#rows = 0;
    return table;
  }
}
