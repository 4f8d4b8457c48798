import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ColumnSource } from 'hyparquet-writer';
import type { NDArray, RaggedArray } from '../../../src/arrays/ndarray.js';
import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { columnArray } from '../../../src/formats/parquet/columnArray.js';
import type { PlannedColumn } from '../../../src/formats/parquet/columnPlan.js';
import { fromParquet, type FromParquetOptions } from '../../../src/pipeline/parquet/fromParquet.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { writeFiles } from '../recordFiles.js';
import { all, errorOf, parquetBytes, STORED, storeOf, type AnyTable } from './support/parquetFiles.js';

const newFolder = temporaryFolders();
const golden = (name: string): string => join('test/fixtures/parquet', name);

const int32s = (name: string, ...data: (number | null)[]): ColumnSource => ({
  name,
  data,
  type: 'INT32',
  nullable: data.includes(null),
});
const int64s = (name: string, ...data: bigint[]): ColumnSource => ({ name, data, type: 'INT64' });
const doubles = (name: string, ...data: (number | null)[]): ColumnSource => ({ name, data, type: 'DOUBLE' });
const texts = (name: string, ...data: (string | null)[]): ColumnSource => ({
  name,
  data,
  type: 'STRING',
  nullable: data.includes(null),
});

/** Reads the only table of a file with these columns. */
async function read(columns: ColumnSource[], options: FromParquetOptions = {}): Promise<AnyTable> {
  const [table = {}] = await all(fromParquet(STORED, { store: storeOf(parquetBytes(columns)), ...options }));
  return table;
}

const failure = async (columns: ColumnSource[], options: FromParquetOptions = {}): Promise<FormatError> => {
  const error = await errorOf(fromParquet(STORED, { store: storeOf(parquetBytes(columns)), ...options }));
  expect(error).toBeInstanceOf(FormatError);
  return error as FormatError;
};

const dataOf = (array: NDArray | RaggedArray | undefined): unknown[] =>
  Array.from((array as NDArray).data as ArrayLike<unknown>);

describe('the columns of fromParquet', () => {
  it('are those of select, in its order', async () => {
    const table = await read([int32s('a', 1), int32s('b', 2), int32s('c', 3)], { select: ['c', 'a'] });
    expect(Object.keys(table)).toEqual(['c', 'a']);
  });

  it('are { xs, ys } with a label, which select need not contain', async () => {
    const columns = [int32s('a', 1), int32s('b', 2), int32s('y', 3)];
    const items = await all(fromParquet(STORED, { store: storeOf(parquetBytes(columns)), select: ['b'], label: 'y' }));
    expect(items).toEqual([
      { xs: { b: expect.anything() }, ys: { dtype: 'int32', shape: [1], data: Int32Array.of(3) } },
    ]);
  });

  it('have the declared dtype', async () => {
    const columns = [
      int64s('count', 1n, -5n),
      doubles('price', 0.1, 1e300),
      int32s('flag', 0, 1),
      doubles('whole', 1, 2),
    ];
    const declared = { count: 'int32', price: 'float32', flag: 'bool', whole: 'int64' } as const;
    expect(await read(columns, { columns: declared })).toEqual({
      count: { dtype: 'int32', shape: [2], data: Int32Array.of(1, -5) },
      price: { dtype: 'float32', shape: [2], data: Float32Array.of(0.1, Infinity) },
      flag: { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
      whole: { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 2n) },
    });
  });

  it.each<[string, ColumnSource, NonNullable<FromParquetOptions['columns']>, string]>([
    [
      'a number out of range',
      int64s('a', 5n, 2n ** 31n),
      { a: 'int32' },
      'expected values of int32, found 2147483648n',
    ],
    ['a fraction', doubles('a', 1, 1.5), { a: 'int32' }, 'expected values of int32, found 1.5'],
    ['a fraction for int64', doubles('a', 1, 1.5), { a: 'int64' }, 'expected an integer, found 1.5'],
    ['a boolean of 2', int32s('a', 2), { a: 'bool' }, 'expected values of bool, found 2'],
    ['text as a number', texts('a', '1'), { a: 'float32' }, 'column "a": string cannot be read as float32'],
    ['a number as text', int32s('a', 1), { a: 'string' }, 'column "a": int32 cannot be read as string'],
    [
      'no list',
      int32s('a', 1),
      { a: { kind: 'ragged' } },
      'column "a": expected lists (kind: "ragged"), found one value in each row',
    ],
    [
      'a default that the file cannot have',
      int32s('a', 1),
      { a: { default: 'x' } },
      'the default "x" is not a value of int32',
    ],
  ])('are refused with %s', async (_, column, columns, message) => {
    expect((await failure([column], { columns })).message).toContain(message);
  });

  it('may be dictionaries whose values are converted', async () => {
    const column = {
      ...int64s('a', ...Array.from({ length: 100 }, (_, row) => BigInt(row % 3))),
      encoding: 'RLE_DICTIONARY',
    } as const;
    expect(dataOf((await read([column], { columns: { a: 'float32' } }))['a'])).toEqual(
      Array.from({ length: 100 }, (_, row) => row % 3),
    );
  });

  it('must have a default of their dtype', async () => {
    expect((await failure([int64s('a', 1n)], { columns: { a: { default: NaN } } })).message).toBe(
      `Parquet: ${STORED}: column "a": the default NaN is not a value of int64: choose a different default, or declare the dtype "float64"`,
    );
  });

  it('of a struct are selected by the names of its fields', async () => {
    expect((await failure([int32s('s.a', 1), int32s('s.b', 1), int32s('x', 1)], { select: ['s'] })).message).toBe(
      `Parquet: ${STORED}: column "s" has fields: select the fields instead: "s.a", "s.b"`,
    );
  });

  it('must be declared as lists if their options are declared', async () => {
    const path = golden('lists_v1.parquet');
    const error = await errorOf(fromParquet(path, { select: ['plain'], columns: { plain: 'int32' } }));
    expect(error).toMatchObject({
      message: `Parquet: ${path}: column "plain": found lists: add kind: "ragged" to the column`,
    });
    const [table] = await all(
      fromParquet(path, { select: ['plain'], columns: { plain: { kind: 'ragged', dtype: 'int32' } } }),
    );
    const { values }: RaggedArray<'int32'> = table!.plain;
    expect([...values.data.subarray(0, 6)]).toEqual([0, 0, 1, 0, 1, 2]);
  });

  it('cannot be lists of lists', async () => {
    const path = golden('lists_of_lists.parquet');
    expect(await errorOf(fromParquet(path))).toMatchObject({
      message: `Parquet: ${path}: column "deep": lists of lists are not supported: leave out the column with the option "select"`,
    });
  });

  it.each([
    [{ select: ['prise'] }, 'there is no column "prise": did you mean "price"? Found "price", "city"'],
    [{ select: ['x'] }, 'there is no column "x": found "price", "city"'],
    [{ columns: { citty: 'string' } }, 'there is no column "citty": did you mean "city"? Found "price", "city"'],
    [{ label: 'label' }, 'there is no column "label": found "price", "city"'],
  ] as const)('must be in the file: %j', async (options, message) => {
    const error = await failure([int32s('price', 1), texts('city', 'a')], options);
    expect(error.message).toBe(`Parquet: ${STORED}: ${message}`);
  });

  it.each<[unknown, string]>([
    [{ batchSize: 0 }, 'fromParquet: batchSize: expected a positive integer'],
    [
      { columns: { a: 'int8' } },
      'fromParquet: columns.a: expected one of float32, float64, int32, int64, bool, string, or { dtype, default, kind }, found "int8"',
    ],
    [{ columns: { a: { dtype: 'int32', default: 'x' } } }, 'fromParquet: columns.a.default: expected int32, found "x"'],
    [{ select: ['a', 'a'] }, 'fromParquet: select: the name "a" occurs twice'],
    [{ select: ['y'], label: 'y' }, 'fromParquet: select: expected at least one column in addition to the label "y"'],
    [{ maxBadRecords: 3 }, "fromParquet: maxBadRecords has no effect if onBadRecord is 'fail'"],
    [{ compression: 'gzip' }, 'compression: the pages of Parquet files are compressed, not the files'],
    [
      { columns: ['a'] },
      'fromParquet: columns: expected an object with a dtype for each name: to choose columns, use "select"',
    ],
    [{ batchsize: 4 }, 'fromParquet: unknown key "batchsize": did you mean "batchSize"?'],
    [{ filters: [] }, 'fromParquet: unknown key "filters": expected one of batchSize, columns, select, label, onBad'],
    [{ recordFormat: 'Parquet' }, 'fromParquet: unknown key "recordFormat"'],
    [{ patterns: 'b.parquet' }, 'fromParquet: unknown key "patterns"'],
    [7, 'fromParquet: expected options such as { batchSize: 64 }, found 7'],
  ])('are refused at the call: %j', (options, message) => {
    const call = () => fromParquet('a.parquet', options as FromParquetOptions);
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });
});

describe('nulls in fromParquet', () => {
  const columns = [int32s('id', 0, 1, 2, 3), doubles('x', 0.5, null, 2.5, null), texts('city', 'a', 'b', null, null)];

  it('are an error that names the file, the row, the column and the remedy', async () => {
    const error = await failure(columns, { columns: { city: { default: '' } } });
    expect(error.message).toBe(
      `Parquet: ${STORED}, row group 0, row 1, column "x": the value is null: set a default for the column, or read the rows with fromParquet and onBadRecord: "skip"`,
    );
    expect(error).toMatchObject({ recordIndex: 1, path: STORED, kind: 'malformed' });
  });

  it('count rows from the start of the file', async () => {
    const error = await errorOf(
      fromParquet(STORED, { store: storeOf(parquetBytes(columns, { rowGroupSize: 1 })), select: ['city'] }),
    );
    expect((error as Error).message).toContain('row group 2, row 2, column "city"');
  });

  it('get the default of their column', async () => {
    const table = await read(columns, { columns: { x: { default: NaN }, city: { default: 'none' } } });
    expect(dataOf(table['x'])).toEqual([0.5, NaN, 2.5, NaN]);
    expect(dataOf(table['city']).map(String)).toEqual([
      '97',
      '98',
      String([...Buffer.from('none')]),
      String([...Buffer.from('none')]),
    ]);
  });

  it('leave out their rows with onBadRecord', async () => {
    const warnings = await collectWarnings(async () => {
      const options = { onBadRecord: 'skip', batchSize: 2, columns: { city: { default: '' } } } as const;
      const tables = await all(
        fromParquet(STORED, { store: storeOf(parquetBytes(columns, { rowGroupSize: 3 })), ...options }),
      );
      expect(tables.map((table) => dataOf(table['id']))).toEqual([[0, 2]]);
      expect(tables.map((table) => dataOf(table['x']))).toEqual([[0.5, 2.5]]);
    });
    expect(warnings).toMatchObject([
      {
        code: 'MILLRACE_BAD_RECORDS',
        message: expect.stringMatching(
          /^fromParquet has skipped 2 bad records\. The first error was: Parquet: .* row group 0, row 1, column "x"/,
        ),
      },
    ]);
  });

  it('call a function once for each row, with the error', async () => {
    const seen: string[] = [];
    const onBadRecord = (error: Error): 'skip' => {
      seen.push(error.message.replace(/^.*?, (.*?):.*$/, '$1'));
      return 'skip';
    };
    expect(dataOf((await read(columns, { onBadRecord }))['id'])).toEqual([0]);
    expect(seen).toEqual([
      'row group 0, row 1, column "x"',
      'row group 0, row 3, column "x"',
      'row group 0, row 2, column "city"',
    ]);
  });

  it('fail after too many rows, and pass on what the function throws', async () => {
    const tooMany = await errorOf(
      fromParquet(STORED, { store: storeOf(parquetBytes(columns)), onBadRecord: 'skip', maxBadRecords: 1 }),
    );
    expect(tooMany).toMatchObject({
      message: expect.stringContaining('fromParquet: found more than 1 bad records (maxBadRecords)'),
    });
    const boom = new RangeError('boom');
    const onBadRecord = (): never => {
      throw boom;
    };
    expect(await errorOf(fromParquet(STORED, { store: storeOf(parquetBytes(columns)), onBadRecord }))).toBe(boom);
  });

  it('are empty lists and default elements in a column of lists with a default', async () => {
    const path = golden('lists_v1.parquet');
    const error = await errorOf(fromParquet(path, { select: ['numbers'], columns: { numbers: { kind: 'ragged' } } }));
    expect((error as Error).message).toMatch(
      /row \d+, column "numbers": (the list is null|an element of the list is null): set a default/,
    );
  });
});

describe('null elements of lists', () => {
  it('are found in one pass over the rows', () => {
    // With a search for the row of each null, this would take minutes.
    const [rows, nulls] = [200_000, 200_000];
    const leaf = { maxDefinition: 3, maxRepetition: 1, listDefinition: 2 } as PlannedColumn['leaf'];
    const column: PlannedColumn = { name: 'a', index: 0, leaf, dtype: 'int32', fallback: undefined };
    const definitions = new Uint8Array(rows - 1 + nulls).fill(3, 0, rows - 1).fill(2, rows - 1);
    const repetitions = new Uint8Array(rows - 1 + nulls).fill(1, rows);
    const parts = [{ values: new Int32Array(rows - 1) }];
    const badRows = new Set<number>();
    const onBadRow = (row: number): unknown => badRows.add(row);
    columnArray(column, { parts, definitions, repetitions }, { rows, onBadRow });
    expect([...badRows]).toEqual([rows - 1]);
  });
});

describe('several files of fromParquet', () => {
  const readAll = async (files: Readonly<Record<string, ColumnSource[]>>, options: FromParquetOptions = {}) => {
    const folder = newFolder();
    writeFiles(
      folder,
      Object.fromEntries(Object.entries(files).map(([name, columns]) => [name, parquetBytes(columns)])),
    );
    return all(fromParquet(folder, options));
  };

  it('may have their columns in another order', async () => {
    const tables = await readAll({ '0': [int32s('a', 1), int32s('b', 2)], '1': [int32s('b', 4), int32s('a', 3)] });
    expect(tables.map((table) => Object.entries(table).map(([name, array]) => [name, dataOf(array)]))).toEqual([
      [
        ['a', [1]],
        ['b', [2]],
      ],
      [
        ['a', [3]],
        ['b', [4]],
      ],
    ]);
  });

  it('must have the same types, unless the dtype is declared', async () => {
    const files = { '0': [int32s('a', 1)], '1': [doubles('a', 2)] };
    await expect(readAll(files)).rejects.toThrow(
      'column "a": found double, but an earlier file has int32: if both are numbers, declare the dtype in "columns"',
    );
    const tables = await readAll(files, { columns: { a: 'float32' } });
    expect(tables.map((table) => dataOf(table['a']))).toEqual([[1], [2]]);
  });

  it('must have times in the same unit', async () => {
    const moments = (unit: 'TIMESTAMP_MILLIS' | 'TIMESTAMP_MICROS') => {
      const schema = [
        { name: 'root', num_children: 1 },
        { name: 't', type: 'INT64', converted_type: unit, repetition_type: 'REQUIRED' },
      ] as const;
      return parquetBytes([{ name: 't', data: [1n] }], { schema: [...schema] });
    };
    const folder = newFolder();
    writeFiles(folder, { '0': moments('TIMESTAMP_MILLIS'), '1': moments('TIMESTAMP_MICROS') });
    for (const columns of [{}, { t: 'int64' }] as const) {
      await expect(all(fromParquet(folder, { columns }))).rejects.toThrow(
        'column "t": found timestamp_micros, but an earlier file has timestamp_millis',
      );
    }
  });

  it('must not have more columns than the first file, unless select names the columns', async () => {
    const files = { '0': [int32s('a', 1)], '1': [int32s('a', 2), int32s('b', 3)] };
    await expect(readAll(files)).rejects.toThrow(
      'this file has the column "b", which an earlier file did not have: set the option "select"',
    );
    expect(await readAll(files, { select: ['a'] })).toHaveLength(2);
  });
});
