import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import { globalBatches } from '../../../src/pipeline/lanes/globalBatches.js';
import { indexRecords } from '../../../src/pipeline/lanes/indexRecords.js';
import { parquetDecoder } from '../../../src/pipeline/parquet/parquetDecoder.js';
import { parquetRows, type ParquetRowsOptions } from '../../../src/pipeline/parquet/parquetRows.js';
import { fixtureJson } from '../../formats/support/fixtures.js';
import { goldenFile, joined, parquetBytes, type ColumnJson } from '../parquet/support/parquetFiles.js';
import { MemoryStore } from './support/memoryStore.js';
import { ALL, datasetOf, type Dataset } from './support/rowFiles.js';

interface Golden {
  readonly cases: readonly {
    readonly file: string;
    readonly groups: readonly number[];
    readonly options: ParquetRowsOptions;
    readonly table: number;
  }[];
  readonly tables: readonly Readonly<Record<string, ColumnJson>>[];
}

const ORDER = { seed: 1, globalBatchSize: 30, lanes: 4 };

const read = ({ store, index }: Dataset) =>
  firstValueFrom(globalBatches(ALL, { recordFormat: parquetRows(), store, index, ...ORDER }).pipe(toArray()));

describe('parquetRows', () => {
  const { cases, tables } = fixtureJson('parquet/index.json') as Golden;
  it.each(cases.filter(({ groups }) => groups.some((rows) => rows > 0)))('has all rows of $file', async (golden) => {
    const store = new MemoryStore({ a: goldenFile(golden.file) });
    const recordFormat = parquetRows(golden.options);
    const order = { seed: 1, globalBatchSize: 50, lanes: 3 };
    const parts = await firstValueFrom(globalBatches(ALL, { recordFormat, store, ...order }).pipe(toArray()));
    const expected = new Map(Object.entries(tables[golden.table]!));
    expect(rowTexts(joined(parts)).sort()).toEqual(rowTexts(expected).sort());
  });

  it('reads only the chosen columns', async () => {
    const { store, index } = await datasetOf([{ rows: 2000, rowGroupSize: 500 }]);
    const bytesOf = async (select?: string[]): Promise<number> => {
      store.bytesRead = 0;
      const recordFormat = parquetRows(select && { select });
      const order = { seed: 1, globalBatchSize: 100, lanes: 1 };
      const [first] = await firstValueFrom(
        globalBatches(ALL, { recordFormat, store, index, ...order }).pipe(toArray()),
      );
      if (select) expect(Object.keys(first!)).toEqual(select);
      return store.bytesRead;
    };
    const all = await bytesOf();
    expect(all).toBeLessThan(2 * index.files[0]!.byteLength + 1);
    expect(await bytesOf(['id'])).toBeLessThan(all);
  });

  it('names the file, the row group and the row of a null', async () => {
    const ids = Array.from({ length: 20 }, (_, id) => (id === 13 ? null : id));
    const bytes = parquetBytes([{ name: 'id', data: ids, type: 'INT32' }], { rowGroupSize: 5 });
    const store = new MemoryStore({ a: bytes });
    const order = { seed: 1, globalBatchSize: 20, lanes: 2 };
    await expect(
      firstValueFrom(globalBatches(ALL, { recordFormat: parquetRows(), store, ...order })),
    ).rejects.toMatchObject({
      path: 'mem://data/a',
      recordIndex: 13,
      message: expect.stringContaining('row group 2, row 13, column "id": the value is null'),
    });
  });

  it('names a file that has other row groups than in the index', async () => {
    const data = await datasetOf([{ rows: 20, rowGroupSize: 5 }]);
    const [file] = data.index.files;
    const wrong = [
      file!.blocks.map(([start], at) => [start + at, 5] as const),
      file!.blocks.map(([start]) => [start, 4] as const),
    ];
    for (const blocks of wrong) {
      const index = { ...data.index, files: [{ ...file!, blocks }] };
      await expect(read({ ...data, index })).rejects.toMatchObject({
        code: 'ERR_CHANNEL_CHANGED',
        message: expect.stringMatching(/mem:\/\/data\/part-0 has changed: expected \d records in the bytes \d+ to \d+/),
      });
    }
    await expect(read({ ...data, index: { ...data.index, recordFormat: 'TFRecord' } })).rejects.toThrow(
      'recordFormat: expected TFRecord (from the index), found Parquet',
    );
  });

  it('fails if there is no row, or if an option is wrong', async () => {
    await expect(read(await datasetOf([{ rows: 0, rowGroupSize: 5 }]))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_EMPTY',
    });
    expect(() => parquetRows({ batchSize: 4 } as never)).toThrow('parquetRows: unknown key "batchSize"');
    expect(() => parquetRows({ select: ['id'], label: 'id' })).toThrow('parquetRows: select: expected at least one');
  });
});

describe('indexRecords of Parquet files', () => {
  it('finds the row groups in the footers, and reports its progress', async () => {
    const { store, index } = await datasetOf([
      { rows: 30_000, rowGroupSize: 20_000 },
      { rows: 10, rowGroupSize: 4 },
    ]);
    expect(index).toMatchObject({ version: 1, recordFormat: 'Parquet' });
    expect(index.files.map(({ blocks }) => blocks.map(([, rows]) => rows))).toEqual([
      [20_000, 10_000],
      [4, 4, 2],
    ]);
    expect(index.files.map(({ blocks }) => blocks[0]![0])).toEqual([4, 4]);
    store.bytesRead = 0;
    const [first, second] = index.files.map(({ byteLength }) => byteLength);
    let last: unknown;
    const onProgress = (progress: unknown): void => void (last = progress);
    expect(await indexRecords(ALL, { recordFormat: parquetRows(), store, onProgress })).toEqual(index);
    expect(last).toEqual({ bytes: first! + second!, totalBytes: first! + second!, records: 30_010 });
    expect(store.bytesRead).toBeLessThan(8 * 1024 + second! + 1);
  });

  it('refuses other files, sizes of blocks, and decoders that skip rows', async () => {
    const recordFormat = parquetRows();
    const store = new MemoryStore({ a: goldenFile('groups.parquet'), b: Buffer.from('PAR1') });
    await expect(indexRecords(ALL, { recordFormat, store })).rejects.toMatchObject({
      path: 'mem://data/b',
      format: 'Parquet',
    });
    expect(() => indexRecords(ALL, { recordFormat, store, blockBytes: 9 })).toThrow(
      'indexRecords: blockBytes: the blocks of a Parquet file are its row groups: remove blockBytes',
    );
    const skipping = parquetDecoder({ onBadRecord: 'skip' });
    expect(() => indexRecords(ALL, { recordFormat: skipping, store })).toThrow(
      'or parquetRows(). Blocks are read in any',
    );
    expect(() => indexRecords(ALL, { recordFormat: 'Parquet' as never, store })).toThrow('recordFormat: parquetRows()');
  });
});

const numbersBelow = (total: number): number[] => Array.from({ length: total }, (_, number) => number);

function rowTexts(columns: ReadonlyMap<string, ColumnJson>): string[] {
  const [first] = columns.values();
  const rows = first!.rowSplits ? first!.rowSplits.length - 1 : first!.values.length;
  return numbersBelow(rows).map((row) =>
    JSON.stringify(
      Array.from(columns, ([name, { dtype, values, rowSplits }]) => {
        const value = rowSplits ? values.slice(rowSplits[row], rowSplits[row + 1]) : values[row];
        return [name, dtype, value];
      }),
    ),
  );
}
