import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { lastValueFrom, toArray, type Observable } from 'rxjs';
import type { DType, NDArray, RaggedArray } from '../../../../src/arrays/ndarray.js';
import type { Store } from '../../../../src/stores/store.js';

/** A column in JSON. */
export interface ColumnJson {
  readonly dtype: DType;
  readonly values: unknown[];
  readonly rowSplits?: number[];
}

/** A table of `fromParquet`, without its type. */
export type AnyTable = Readonly<Record<string, NDArray | RaggedArray>>;

/** The bytes of a golden file. */
export const goldenFile = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join('test/fixtures/parquet', name)));

/** Makes a file with hyparquet-writer. */
export function parquetBytes(
  columnData: ColumnSource[],
  options: Omit<Parameters<typeof parquetWriteBuffer>[0], 'columnData'> = {},
): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
}

/** Makes a file of the column `id`, with the numbers from 0, in row groups of this size. */
export function numberedRows(rows: number, rowGroupSize: number, first = 0): Uint8Array {
  const data = Int32Array.from({ length: rows }, (_, row) => first + row);
  return parquetBytes([{ name: 'id', data, type: 'INT32', encoding: 'PLAIN' }], {
    rowGroupSize,
    codec: 'UNCOMPRESSED',
  });
}

/** The URL of the only object of {@link storeOf}. */
export const STORED = 'mem://data/file.parquet';

/** A store with one object. */
export function storeOf(bytes: Uint8Array): Store {
  return {
    schemes: ['mem://'],
    list: async function* () {
      yield await Promise.resolve({ url: STORED, byteLength: bytes.length, version: undefined, hasRanges: true });
    },
    read: (_object, start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}

/** Returns all items. */
export const all = <T>(items$: Observable<T>): Promise<T[]> => lastValueFrom(items$.pipe(toArray()));

/** Returns the error of a pipeline. */
export const errorOf = (items$: Observable<unknown>): Promise<unknown> =>
  all(items$).then(
    () => undefined,
    (error: unknown) => error,
  );

/** Returns the number of rows. */
export function rowsOf(table: AnyTable): number {
  const [array] = Object.values(table);
  if (!array) return 0;
  return 'values' in array ? array.rowSplits.length - 1 : (array.shape[0] ?? 0);
}

function elementOf(value: number | bigint | Uint8Array, dtype: DType): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'bigint') return String(value);
  if (!dtype.startsWith('float') || Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

/** Joins tables. Throws if their arrays are not valid. */
export function joined(tables: readonly AnyTable[]): Map<string, ColumnJson> {
  const columns = new Map<string, ColumnJson>();
  for (const table of tables) {
    const rows = rowsOf(table);
    for (const [name, array] of Object.entries(table)) {
      const { dtype, shape, data } = 'values' in array ? array.values : array;
      const column = columns.get(name) ?? { dtype, values: [], ...('values' in array && { rowSplits: [0] }) };
      columns.set(name, column);
      const shift = column.rowSplits?.at(-1) ?? 0;
      const splits = 'values' in array ? array.rowSplits : undefined;
      if (splits) column.rowSplits?.push(...splits.subarray(1).map((split) => split + shift));
      column.values.push(
        ...Array.from<never, unknown>(data as unknown as ArrayLike<never>, (value) => elementOf(value, dtype)),
      );
      const length = splits ? splits.at(-1) : rows;
      const isEven = (splits ? splits.length - 1 : shape[0]) === rows && shape[0] === length && data.length === length;
      if (!isEven || column.dtype !== dtype) throw new Error(`The column ${name} differs from the table.`);
    }
  }
  return columns;
}
