import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fromParquet } from '../../../src/pipeline/parquet/fromParquet.js';
import type { ParquetColumns } from '../../../src/formats/parquet/parquetTypes.js';
import { fixtureJson } from '../../formats/support/fixtures.js';
import { all, joined, rowsOf, type ColumnJson } from './support/parquetFiles.js';

interface Case {
  readonly file: string;
  readonly writer: string;
  /** The number of rows of each row group. */
  readonly groups: readonly number[];
  readonly options: { readonly columns?: ParquetColumns; readonly select?: readonly string[] };
  /** The index of the expected table. */
  readonly table: number;
}

interface Golden {
  readonly cases: readonly Case[];
  readonly tables: readonly Readonly<Record<string, ColumnJson>>[];
}

const { cases, tables: goldenTables } = fixtureJson('parquet/index.json') as Golden;
const expectedOf = (table: number): Map<string, ColumnJson> => new Map(Object.entries(goldenTables[table]!));
const pathOf = (file: string): string => join('test/fixtures/parquet', file);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('fromParquet', () => {
  it.each(cases)('reads $file of $writer as pyarrow does', async ({ file, options, groups, table }) => {
    const tables = await all(fromParquet(pathOf(file), options));
    expect(tables.map(rowsOf)).toEqual(groups.filter((rows) => rows > 0));
    if (tables.length > 0) expect(joined(tables)).toEqual(expectedOf(table));
    else expect(sum(groups)).toBe(0);
  });

  it.each(cases)('reads $file of $writer in tables of any size', async ({ file, options, groups, table }) => {
    const rows = sum(groups);
    for (const batchSize of [1, 7, 64, 1000].filter((size) => rows / size < 100)) {
      const tables = await all(fromParquet(pathOf(file), { ...options, batchSize }));
      const sizes = Array.from({ length: Math.ceil(rows / batchSize) }, (_, at) =>
        Math.min(batchSize, rows - at * batchSize),
      );
      expect(tables.map(rowsOf)).toEqual(sizes);
      if (rows > 0) expect(joined(tables)).toEqual(expectedOf(table));
    }
  });
});
