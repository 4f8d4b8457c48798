import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Job } from './job.js';
import { TABLES, type TableCase } from './tableCases.js';

/*
 * The jobs with other parsers of CSV. Like `decodeTable`, they put numbers into typed arrays and text into arrays. But
 * DuckDB computes sums in its own memory. The packages are not dependencies:
 * `npm install --no-save udsv papaparse csv-parse @duckdb/node-api`.
 */

const require = createRequire(import.meta.url);

/** The npm package of each parser, by the parser's name. */
export const PACKAGES: Readonly<Record<string, string>> = {
  udsv: 'udsv',
  papaparse: 'papaparse',
  'csv-parse': 'csv-parse',
  duckdb: '@duckdb/node-api',
};

/** Puts rows of texts into columns, and returns the number of rows. */
function columnWriter({ columns }: TableCase) {
  const dtypes = Object.values(columns);
  const make = () => dtypes.map((dtype) => (dtype === 'string' ? [] : new ARRAYS[dtype](BATCH)));
  let data: (string | number)[][] = make() as never;
  let rows = 0;
  return {
    add: (row: readonly string[]): void => {
      const at = rows++ % BATCH;
      if (at === 0) data = make() as never;
      for (let index = 0; index < dtypes.length; index++) {
        const text = row[index] as string;
        (data[index] as (string | number)[])[at] = dtypes[index] === 'string' ? text : Number(text);
      }
    },
    rows: () => rows,
  };
}

const BATCH = 1024;
const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

interface Udsv {
  readonly inferSchema: (text: string) => unknown;
  readonly initParser: (schema: unknown) => {
    readonly stringArrs: (text: string, onData: (row: string[]) => void) => void;
  };
}

/** Parses the whole text in one call, which is the fastest way of udsv. */
const udsv = (table: TableCase): Job => {
  return ({ path }) => {
    const { inferSchema, initParser } = require('udsv') as Udsv;
    const text = readFileSync(path, 'utf8');
    const writer = columnWriter(table);
    initParser(inferSchema(text)).stringArrs(text, (row) => {
      writer.add(row);
    });
    return Promise.resolve(writer.rows());
  };
};

interface Papa {
  readonly parse: (text: string, options: { readonly step: (result: { readonly data: string[] }) => void }) => void;
}

const papaparse = (table: TableCase): Job => {
  return ({ path }) => {
    const { parse } = require('papaparse') as Papa;
    const writer = columnWriter(table);
    let isHeader = true;
    parse(readFileSync(path, 'utf8').trimEnd(), {
      step: ({ data }) => {
        if (!isHeader) writer.add(data);
        isHeader = false;
      },
    });
    return Promise.resolve(writer.rows());
  };
};

interface CsvParse {
  readonly parse: (options: object) => NodeJS.ReadWriteStream & AsyncIterable<string[]>;
}

const csvParse = (table: TableCase): Job => {
  return async ({ path }) => {
    const { parse } = require('csv-parse') as CsvParse;
    const writer = columnWriter(table);
    for await (const row of createReadStream(path, { highWaterMark: 2 ** 20 }).pipe(
      parse({ from: 2 }),
    ) as AsyncIterable<string[]>) {
      writer.add(row);
    }
    return writer.rows();
  };
};

interface DuckDb {
  readonly DuckDBInstance: {
    create: (
      path: string,
      options: object,
    ) => Promise<{
      connect: () => Promise<{ runAndReadAll: (query: string) => Promise<{ getRows: () => unknown[][] }> }>;
    }>;
  };
}

const SQL_TYPES = { float32: 'FLOAT', float64: 'DOUBLE', int32: 'INTEGER', string: 'VARCHAR' } as const;

/** Runs a query on one thread. The query uses every value. */
const duckdb = ({ columns }: TableCase): Job => {
  return async ({ path }) => {
    const { DuckDBInstance } = require('@duckdb/node-api') as DuckDb;
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const types = Object.entries(columns).map(([name, dtype]) => `'${name}': '${SQL_TYPES[dtype]}'`);
    const sums = Object.entries(columns).map(([name, dtype]) =>
      dtype === 'string' ? `sum(length(${name}))` : `sum(${name})`,
    );
    const source = `read_csv('${path}', columns = {${types.join()}}, header = true, delim = ',', quote = '"', escape = '"')`;
    const result = await connection.runAndReadAll(`SELECT count(*), ${sums.join()} FROM ${source}`);
    return Number(result.getRows()[0]?.[0]);
  };
};

const RIVALS = { udsv, papaparse, 'csv-parse': csvParse, duckdb };

/** The jobs by names such as `table-short udsv`. */
export const TABLE_RIVAL_JOBS: Readonly<Record<string, Job>> = Object.fromEntries(
  Object.entries(TABLES).flatMap(([name, table]) =>
    Object.entries(RIVALS).map(([rival, job]) => [`${name} ${rival}`, job(table)] as const),
  ),
);
