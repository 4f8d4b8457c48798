import { lastValueFrom, map, reduce } from 'rxjs';
import { decodeTable, type DecodeTableOptions } from 'millrace/operators';
import type { Job } from './job.js';
import { pseudoRandomBytes } from './pseudoRandomBytes.js';

type DType = 'float32' | 'float64' | 'int32' | 'string';

/** A table: the dtypes of its columns, and the text of each row. */
export interface TableCase {
  readonly columns: Readonly<Record<string, DType>>;
  readonly row: (index: number) => string;
}

const FLOATS = 10;
const WORDS = ['red', 'green', 'blue', 'a long name of a colour'];

/** Pseudorandom numbers from 0 to 1 that are the same in every run. */
function numbersOf(index: number, length: number): number[] {
  const view = new DataView(pseudoRandomBytes(8 * length, index).slice().buffer);
  return Array.from({ length }, (_, at) => Number(view.getBigUint64(8 * at) >> 11n) / 2 ** 53);
}

const floatsOf = (dtype: DType): TableCase['columns'] =>
  Object.fromEntries(Array.from({ length: FLOATS }, (_, at) => [`c${at}`, dtype]));

/** The tables of the benchmark. */
export const TABLES: Readonly<Record<string, TableCase>> = {
  'table-short': {
    columns: floatsOf('float32'),
    row: (index) =>
      numbersOf(index, FLOATS)
        .map((value) => (200 * value - 100).toFixed(4))
        .join(),
  },
  'table-long': { columns: floatsOf('float64'), row: (index) => numbersOf(index, FLOATS).join() },
  'table-mixed': {
    columns: {
      ...{ id: 'int32', count: 'int32', price: 'float32', weight: 'float32', rating: 'float32' },
      ...{ title: 'string', colour: 'string', date: 'string' },
    },
    row: (index) => {
      const [price = 0, weight = 0, rating = 0, choice = 0] = numbersOf(index, 4);
      const word = WORDS[Math.floor(choice * WORDS.length)] ?? '';
      const title = `"The ""${word}"" one,${index % 8 === 0 ? '\n' : ' '}number ${index % 1000}"`;
      const floats = `${(1000 * price).toFixed(2)},${weight.toFixed(4)},${(5 * rating).toFixed(1)}`;
      const date = new Date(86_400_000 * (index % 10_000)).toISOString().slice(0, 10);
      return `${index},${Math.floor(100 * choice)},${floats},${title},${word},${date}`;
    },
  },
};

export const headerOf = ({ columns }: TableCase): string => Object.keys(columns).join();

const BATCH = 1024;

/** Counts the rows of the tables of {@link decodeTable}. */
export const TABLE_JOBS: Readonly<Record<string, Job>> = Object.fromEntries(
  Object.entries(TABLES).map(([name, { columns }]): [string, Job] => [
    name,
    ({ bytes$ }) => {
      const options: DecodeTableOptions = { batchSize: BATCH, columns };
      const rows$ = bytes$.pipe(
        decodeTable(options),
        map((table) => Object.values(table)[0]?.data.length ?? 0),
        reduce((sum, rows) => sum + rows, 0),
      );
      return lastValueFrom(rows$);
    },
  ]),
);
