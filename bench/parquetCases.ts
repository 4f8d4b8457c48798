import { readFileSync } from 'node:fs';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { fromParquet } from 'millrace/parquet';
import { lastValueFrom, map, reduce } from 'rxjs';
import { writeSynced } from './dataFile.js';
import type { Job } from './job.js';
import { pseudoRandomBytes } from './pseudoRandomBytes.js';

/*
 * The jobs with Parquet files. parquet-wasm is not a dependency: `npm install --no-save parquet-wasm apache-arrow`. It
 * reads the whole file into the memory of Arrow, and the texts stay there. Millrace makes an array of bytes for each
 * text.
 */

/** Texts, because the compiler does not find packages that are not installed. */
export const [WASM, ARROW]: readonly [string, string] = ['parquet-wasm/node', 'apache-arrow'];

const ROW_GROUP = 65_536;
const COLOURS = ['red', 'green', 'blue', 'a long name of a colour'];

/** Pseudorandom numbers from 0 to 1 that are the same in every run. */
function numbersOf(rows: number, seed: number): Float64Array {
  const view = new DataView(pseudoRandomBytes(8 * rows, seed).slice().buffer);
  return Float64Array.from({ length: rows }, (_, row) => Number(view.getBigUint64(8 * row) >> 11n) / 2 ** 53);
}

const doubles = (rows: number, seed: number, name = `c${seed}`): ColumnSource => ({
  name,
  data: numbersOf(rows, seed),
  type: 'DOUBLE',
});

/** The columns of each case. All columns are optional, as in files of pyarrow. */
export const PARQUET_CASES: Readonly<Record<string, (rows: number) => ColumnSource[]>> = {
  'parquet-numbers': (rows) => Array.from({ length: 10 }, (_, seed) => ({ ...doubles(rows, seed), nullable: true })),
  'parquet-mixed': (rows) => {
    const choices = numbersOf(rows, 3);
    const texts = (name: string, text: (row: number) => string): ColumnSource => ({
      name,
      data: Array.from({ length: rows }, (_, row) => text(row)),
      type: 'STRING',
      nullable: true,
    });
    return [
      {
        name: 'id',
        data: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row)),
        type: 'INT64',
        nullable: true,
        encoding: 'PLAIN',
      },
      { ...doubles(rows, 1, 'price'), nullable: true },
      texts('title', (row) => `The title of number ${row}`),
      texts('colour', (row) => COLOURS[Math.floor((choices[row] ?? 0) * COLOURS.length)] ?? ''),
      { ...doubles(rows, 2, 'weight'), nullable: true },
    ];
  },
};

export function writeParquet(path: string, name: string, rows: number): void {
  const columnData = PARQUET_CASES[name]?.(rows) ?? [];
  writeSynced(path, [new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: ROW_GROUP, codec: 'SNAPPY' }))]);
}

const BATCH = 1024;

/** Counts the rows of the tables of {@link fromParquet}. */
const millrace: Job = ({ path }) => {
  const rows$ = fromParquet(path, { batchSize: BATCH }).pipe(
    map((table) => {
      const [array] = Object.values(table);
      return array && 'shape' in array ? (array.shape[0] ?? 0) : 0;
    }),
    reduce((sum, rows) => sum + rows, 0),
  );
  return lastValueFrom(rows$);
};

interface Wasm {
  readonly readParquet: (file: Uint8Array) => { readonly intoIPCStream: () => Uint8Array };
}

interface Arrow {
  readonly tableFromIPC: (stream: Uint8Array) => {
    readonly numRows: number;
    readonly schema: {
      readonly fields: readonly { readonly name: string; readonly type: { readonly toString: () => string } }[];
    };
    readonly getChild: (name: string) => { readonly toArray: () => ArrayLike<unknown> } | null;
  };
}

const parquetWasm: Job = async ({ path }) => {
  const { readParquet } = (await import(WASM)) as Wasm;
  const { tableFromIPC } = (await import(ARROW)) as Arrow;
  const table = tableFromIPC(readParquet(readFileSync(path)).intoIPCStream());
  for (const { name, type } of table.schema.fields) {
    if (!type.toString().startsWith('Utf8')) table.getChild(name)?.toArray();
  }
  return table.numRows;
};

export const PARQUET_RIVAL = 'parquet-wasm';

/** How often a process reads the file. The first time takes longer, because the process requests memory. */
export const PASSES = 5;

function inPasses(job: Job): Job {
  return async (input) => {
    let rows = 0;
    for (let pass = 0; pass < PASSES; pass++) rows += await job(input);
    return rows;
  };
}

export const PARQUET_JOBS: Readonly<Record<string, Job>> = Object.fromEntries(
  Object.keys(PARQUET_CASES).flatMap((name) => [
    [name, inPasses(millrace)],
    [`${name} ${PARQUET_RIVAL}`, inPasses(parquetWasm)],
  ]),
);
