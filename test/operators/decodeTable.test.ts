import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { concatMap, firstValueFrom, lastValueFrom, of, repeat, toArray, type Observable } from 'rxjs';
import { decodeTable } from '../../operators/decodeTable.js';
import { columnsToMatrix } from '../../src/arrays/columnsToMatrix.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { ConfigError, FormatError } from '../../src/base/errors.js';
import type { LabelledTable, TableOf } from '../../src/formats/table/tableTypes.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const all = <T>(items$: Observable<T>): Promise<T[]> => lastValueFrom(items$.pipe(toArray()));

function filesOf(...texts: string[]): string {
  const folder = newFolder();
  for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.csv`), text);
  return folder;
}

describe('decodeTable', () => {
  it('emits tables of batchSize rows with the declared dtypes', async () => {
    const columns = { a: 'float64', b: { dtype: 'int64', default: 0 } } as const;
    const tables$: Observable<TableOf<typeof columns>> = of(bytes('b,a\n1,0.5\n,1\n3,2\n')).pipe(
      decodeTable({ batchSize: 2, columns }),
    );
    const tables = await all(tables$);
    const first: NDArray<'float64'> | undefined = tables[0]?.a;
    expect(first).toEqual(ndarray('float64', [2], Float64Array.of(0.5, 1)));
    expect(tables).toEqual([
      { a: ndarray('float64', [2], Float64Array.of(0.5, 1)), b: ndarray('int64', [2], BigInt64Array.of(1n, 0n)) },
      { a: ndarray('float64', [1], Float64Array.of(2)), b: ndarray('int64', [1], BigInt64Array.of(3n)) },
    ]);
  });

  it('separates the label column', async () => {
    const labelled$: Observable<LabelledTable> = of(bytes('a,y,b\n1,0,2\n')).pipe(
      decodeTable({ batchSize: 8, select: ['b'], label: 'y' }),
    );
    expect(await firstValueFrom(labelled$)).toEqual({
      xs: { b: ndarray('int32', [1], Int32Array.of(2)) },
      ys: ndarray('int32', [1], Int32Array.of(0)),
    });
  });

  it('reads files with columns in different orders, each with its header, in every epoch', async () => {
    const recordFormat = decodeTable({ batchSize: 10 });
    const tables$ = recordsFromFiles(filesOf('a,b\n1.5,x\n', 'b,a\ny,2\n'), { recordFormat });
    const matrices = await all(tables$.pipe(repeat(2)));
    expect(matrices.map(({ a, b }) => [...(a?.data ?? []), b?.dtype])).toEqual([
      [1.5, 'bytes'],
      [2, 'bytes'],
      [1.5, 'bytes'],
      [2, 'bytes'],
    ]);
  });

  it('names the file and the line of a bad field', async () => {
    const folder = filesOf('a\n1\n', 'a\n2\nx\n');
    const error: unknown = await all(recordsFromFiles(folder, { recordFormat: decodeTable({ batchSize: 1 }) })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toContain(
      `the file ${join(folder, '1.csv')} does not follow its format: line 3: `,
    );
  });

  it('skips bad rows, and counts them', async () => {
    const decode = decodeTable({ batchSize: 10, columns: { a: 'int32' }, onBadRecord: 'skip' });
    const warnings = await collectWarnings(async () => {
      const table = await firstValueFrom(of(bytes('a\n1\nx\n3\n')).pipe(decode));
      expect(table.a).toEqual(ndarray('int32', [2], Int32Array.of(1, 3)));
    });
    expect(warnings.map(({ message }) => message).join()).toContain(
      'decodeTable has skipped 1 bad record (2 bytes in total)',
    );
  });

  it('emits all tables that the end of the input completes', async () => {
    expect(await all(of(bytes('a\n1\n2\n3\n')).pipe(decodeTable({ batchSize: 1 })))).toHaveLength(3);
  });

  it('requests no more chunks than its consumer needs', async () => {
    let chunks = 0;
    const source$ = of(...Array.from({ length: 1000 }, () => bytes('1\n'.repeat(100)))).pipe(
      concatMap((chunk) => {
        chunks++;
        return of(chunk);
      }),
    );
    await firstValueFrom(source$.pipe(decodeTable({ batchSize: 100, columnNames: ['a'], columns: { a: 'int32' } })));
    expect(chunks).toBeLessThan(10);
  });

  it('refuses invalid options', () => {
    const decode = (options: object) => () => decodeTable({ batchSize: 1, ...options });
    expect(decode({ batchSize: 0 })).toThrow(ConfigError);
    for (const delimiter of [',,', '', '"', '.', '1', 'e', '\u00a7']) {
      expect(decode({ delimiter })).toThrow('expected one ASCII character');
    }
    expect(decode({ columns: { a: 'text' } })).toThrow('expected one of float32, float64, int32, int64, bool, string');
    expect(decode({ columnNames: ['a', 'a'] })).toThrow('columnNames: the name "a" occurs twice');
    expect(decode({ select: ['a', 'b', 'a'] })).toThrow('select: the name "a" occurs twice');
    expect(decode({ header: true })).toThrow(ConfigError);
  });

  it.each([
    ['int32', 1.5, '"1.5"'],
    ['int32', true, '"true"'],
    ['int64', NaN, '"NaN"'],
    ['bool', 2, '"2"'],
    ['float32', 'NA', '"NA"'],
  ] as const)('refuses at the call the default value %s of %s', (dtype, value, found) => {
    expect(() => decodeTable({ batchSize: 1, columns: { a: { dtype, default: value } } })).toThrow(
      new ConfigError(`decodeTable: columns.a.default: expected ${dtype}, found ${found}`, {
        path: 'columns.a.default',
      }),
    );
  });

  it.each([
    [
      { columnNames: ['age', 'city'], select: ['agee'] },
      'select: columnNames does not contain "agee": did you mean "age"?',
    ],
    [{ columnNames: ['a', 'b'], columns: { c: 'int32' } }, 'columns: columnNames does not contain "c": found "a", "b"'],
    [{ columnNames: ['a', 'b'], label: 'y' }, 'label: columnNames does not contain "y": found "a", "b"'],
    [{ select: ['y'], label: 'y' }, 'select: expected at least one column in addition to the label "y"'],
    [{ columnNames: ['y'], label: 'y' }, 'columnNames: expected at least one column in addition to the label "y"'],
    [
      { batchSize: 2 ** 28, select: ['a', 'b'] },
      'batchSize: expected at most 134217728 rows for 2 columns, found 268435456',
    ],
  ] as const)('refuses at the call the options %j', (options, message) => {
    expect(() => decodeTable({ batchSize: 1, ...options })).toThrow(`decodeTable: ${message}`);
  });
});

describe('columnsToMatrix', () => {
  const table = {
    a: ndarray('int32', [2], Int32Array.of(1, 2)),
    b: ndarray('float32', [2], Float32Array.of(0.5, 1.5)),
    s: ndarray('bytes', [2], [bytes('x'), bytes('y')]),
  };

  it('joins columns to rows', () => {
    expect(columnsToMatrix(table, ['b', 'a'])).toEqual(ndarray('float32', [2, 2], Float32Array.of(0.5, 1, 1.5, 2)));
  });

  it('refuses text, missing columns and unequal lengths', () => {
    expect(() => columnsToMatrix(table)).toThrow('columnsToMatrix: s: expected numbers, found dtype bytes');
    expect(() => columnsToMatrix(table, ['A'])).toThrow('there is no column "A": did you mean "a"?');
    expect(() => columnsToMatrix({})).toThrow('expected at least one column');
    const uneven = { ...table, s: ndarray('int32', [3], Int32Array.of(1, 2, 3)) };
    expect(() => columnsToMatrix(uneven)).toThrow('s: expected shape [2], found [3]');
  });
});
