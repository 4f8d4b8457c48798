import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fromParquet, type FromParquetOptions } from '../../../src/pipeline/parquet/fromParquet.js';
import { temporaryFolders } from '../../agent/temporaryJob.js';
import { all, parquetBytes } from '../../pipeline/parquet/support/parquetFiles.js';
import { runMillrace } from '../runMillrace.js';

const folderOf = temporaryFolders();
const pathOf = (name: string): string => `test/fixtures/parquet/${name}`;
const golden = (name: string): Buffer => readFileSync(pathOf(name));
const inspect = (cwd: string, ...args: string[]) => runMillrace(['inspect', ...args], { cwd });

describe('millrace inspect of Parquet', () => {
  it('lists rows, row groups and columns from the footer, and the code to read them', async () => {
    const folder = folderOf({ 'a.parquet': golden('pages_v1.parquet') });
    const { stdout } = await inspect(folder, 'a.parquet');
    expect(stdout).toBe(`Parquet
300 rows in 3 row groups in ${golden('pages_v1.parquet').length.toLocaleString('en')} bytes
columns:
  "id": int64
  "few": int32
  "text": string
  "word": string
  "maybe": double, 100 nulls
  "list": list of int64
to read it:

import { fromParquet } from 'millrace/parquet';

const batches$ = fromParquet('a.parquet', {
  batchSize: 64,
  columns: {
    maybe: { dtype: 'float64', default: NaN },
    list: { kind: 'ragged', dtype: 'float64', default: NaN },
  },
});
`);
  });

  it('writes one report for all files with the same columns', async () => {
    const folder = folderOf({
      'a.parquet': golden('pages_v1.parquet'),
      'b.PQ': golden('names.parquet'),
      'c.parquet': golden('pages_v2.parquet'),
      'd.txt': 'x\n',
    });
    const { stdout } = await inspect(folder, '.', '--head', '0');
    const bytes = golden('pages_v1.parquet').length + golden('pages_v2.parquet').length;
    expect(stdout).toContain(
      `Parquet\n600 rows in 6 row groups in ${bytes.toLocaleString('en')} bytes of 2 files\nfiles: `,
    );
    expect(stdout).toContain('"maybe": double, 200 nulls');
    expect(stdout).toContain("fromParquet(['a.parquet', 'c.parquet'], {");
    expect(stdout).toContain('\n\nParquet\n2 rows in 1 row group in ');
    expect(stdout).toMatch(/\n\nTextLine of /);
  });

  it.each(['nulls_v1', 'nulls_v2', 'lists_v1', 'lists_of_lists', 'int96', 'pandas', 'names'])(
    'proposes options that read %s.parquet',
    async (name) => {
      const file = `${name}.parquet`;
      const { stdout } = await inspect(folderOf({ [file]: golden(file) }), '--json', file);
      const { records, options } = JSON.parse(stdout) as { records: number; options: FromParquetOptions };
      const tables = await all(fromParquet(pathOf(file), options));
      expect(tables).toHaveLength(Math.ceil(records / 64));
    },
  );

  it('says which columns may contain nulls, and leaves out lists of lists', async () => {
    const folder = folderOf({ 'a.parquet': golden('nulls_v2.parquet'), 'b.parquet': golden('lists_of_lists.parquet') });
    const { stdout } = await inspect(folder, '*.parquet');
    expect(stdout).toContain('"uint16": uint16, may contain nulls');
    expect(stdout).toContain('"deep": list of list of int64');
    expect(stdout).toContain("  select: ['id'],");
  });

  it('writes one report for files whose columns have another order', async () => {
    const file = (...columns: [string, ...(number | null)[]][]): Uint8Array =>
      parquetBytes(columns.map(([name, ...data]) => ({ name, data, type: 'INT32', nullable: true })));
    const folder = folderOf({
      'a.parquet': file(['x', 1], ['y', null]),
      'b.parquet': file(['y', 2, null], ['x', 3, 4]),
    });
    const { stdout } = await inspect(folder, '*.parquet');
    expect(stdout).toContain('columns:\n  "x": int32\n  "y": int32, 2 nulls\n');
    expect(stdout.match(/Parquet\n/g)).toHaveLength(1);
  });

  it('leaves out columns of the same name', async () => {
    const columns = ['a', 'a', 'b'].map((name) => ({ name, data: Int32Array.of(1), type: 'INT32' as const }));
    const { stdout } = await inspect(folderOf({ 'a.parquet': parquetBytes(columns) }), 'a.parquet');
    expect(stdout).toContain('1 row in 1 row group');
    expect(stdout).toContain('fromParquet cannot read "a"\nto read it:\n');
    expect(stdout).toContain("  select: ['b'],");
  });

  it('continues after a damaged file, and ends with 1', async () => {
    const folder = folderOf({
      'a.parquet': golden('pandas.parquet').subarray(0, 100),
      'b.parquet': golden('names.parquet'),
    });
    const { exitCode, stdout, stderr } = await inspect(folder, '*.parquet');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('"__proto__": int64');
    expect(stderr).toMatch(/^millrace: Parquet: a\.parquet: the file of 100 bytes does not end with "PAR1": .*\n$/);
  });

  it('ends with the remedy for a file with another name', async () => {
    const { stderr } = await inspect(folderOf({ x: golden('names.parquet') }), 'x');
    expect(stderr).toContain('this is Parquet: read it with fromParquet of millrace/parquet');
  });
});
