import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FormatError } from '../../../src/base/errors.js';
import { tableOptionsSchema, type TableOptions } from '../../../src/formats/table/tableOptions.js';
import type { KnownDTypes } from '../../../src/formats/table/tablePlan.js';
import { TableReader } from '../../../src/formats/table/tableReader.js';
import { cuts, expectSameForEveryCut, readAll } from '../support/readAll.js';

const readerOf = (options: Partial<TableOptions> = {}, known: KnownDTypes = new Map()) =>
  new TableReader(tableOptionsSchema().parse({ batchSize: 1000, ...options }), known);
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

/** The rows of all tables, as objects. */
function rowsOf(text: string, options: Partial<TableOptions> = {}) {
  const { records, error } = readAll(readerOf(options), [bytes(text)]);
  if (error) throw error;
  return records.flatMap((table) => {
    const columns = Object.entries(table);
    const rows = columns[0]?.[1].shape[0] ?? 0;
    return Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(
        columns.map(([name, { data }]) => {
          const value = data[row];
          return [name, value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value];
        }),
      ),
    );
  });
}

function errorOf(text: string, options: Partial<TableOptions> = {}): string {
  try {
    rowsOf(text, options);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  throw new Error('expected a FormatError');
}

describe('TableReader', () => {
  it('names the columns by the header, and infers their dtypes', () => {
    const text = 'a,b,c,d,e\n1,3000000000,0.5,true,x\n-2,4,1e3,False,"y, z"\n';
    const { records } = readAll(readerOf(), [bytes(text)]);
    expect(Object.entries(records[0] ?? {}).map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['a', 'int32', [2]],
      ['b', 'int64', [2]],
      ['c', 'float32', [2]],
      ['d', 'bool', [2]],
      ['e', 'bytes', [2]],
    ]);
    expect(rowsOf(text)).toEqual([
      { a: 1, b: 3000000000n, c: 0.5, d: 1, e: 'x' },
      { a: -2, b: 4n, c: 1000, d: 0, e: 'y, z' },
    ]);
  });

  it('reads quoted fields with delimiters, quotes and line ends', () => {
    expect(rowsOf('a,b\n"x,""y""\r\nz",1\n"",2\n')).toEqual([
      { a: 'x,"y"\r\nz', b: 1 },
      { a: '', b: 2 },
    ]);
  });

  it('reads quoted numbers, and numbers with blanks around them', () => {
    expect(rowsOf('a,b\n"1",x\n 2 ,y\n')).toEqual([
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
  });

  it('skips a byte order mark, blank lines and carriage returns, and needs no newline at the end', () => {
    expect(rowsOf('\ufeff\r\na,b\r\n\r\n1,2\r\n\n3,4')).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
  });

  it('takes a name with text after its closing quote as it is', () => {
    expect(rowsOf('"a"x,b\n1,2\n')).toEqual([{ '"a"x': 1, b: 2 }]);
  });

  it('reads tabs and semicolons as delimiters', () => {
    expect(rowsOf('a\tb\n1\tx,y\n', { delimiter: '\t' })).toEqual([{ a: 1, b: 'x,y' }]);
    expect(rowsOf('a;b\n1;2\n', { delimiter: ';' })).toEqual([{ a: 1, b: 2 }]);
  });

  it('reads a quote inside a plain field, and all quotes with quotes: false', () => {
    expect(rowsOf('a,b\n5" pipe,1\n')).toEqual([{ a: '5" pipe', b: 1 }]);
    expect(rowsOf('a,b\n"x",1\n', { quotes: false })).toEqual([{ a: '"x"', b: 1 }]);
  });

  it('reads the selected columns only, in the selected order', () => {
    expect(rowsOf('a,b,c\n1,"x\n",3\n4,y,6\n', { select: ['c', 'a'] })).toEqual([
      { c: 3, a: 1 },
      { c: 6, a: 4 },
    ]);
    expect(Object.keys(readAll(readerOf({ select: ['c', 'a'] }), [bytes('a,b,c\n1,2,3\n')]).records[0] ?? {})).toEqual([
      'c',
      'a',
    ]);
  });

  it('takes names for a file without a header', () => {
    expect(rowsOf('1,x\n2,y\n', { columnNames: ['n', 's'] })).toEqual([
      { n: 1, s: 'x' },
      { n: 2, s: 'y' },
    ]);
  });

  it('drops a repeated header, and follows a header with the columns in another order', () => {
    expect(rowsOf('a,b\n1,2\na,b\n3,4\n"b",a\n6,5\n')).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
      { a: 5, b: 6 },
    ]);
  });

  it('fills tables across headers', () => {
    const { records } = readAll(readerOf({ batchSize: 2 }), [bytes('a\n1\na\n2\n3\n')]);
    expect(records.map(({ a }) => a?.shape)).toEqual([[2], [1]]);
  });

  it('gives later files the dtypes of the first, with columns in any order', () => {
    const known: KnownDTypes = new Map();
    readAll(readerOf({}, known), [bytes('a,b\n1.5,x\n')]);
    const { records } = readAll(readerOf({}, known), [bytes('b,a\n7,2\n')]);
    expect(Object.entries(records[0] ?? {}).map(([name, { dtype }]) => [name, dtype])).toEqual([
      ['a', 'float32'],
      ['b', 'bytes'],
    ]);
  });

  it('reads missing values as the default of their column', () => {
    const columns = {
      a: { dtype: 'float32', default: NaN },
      b: { dtype: 'int64', default: -1n },
      c: { dtype: 'string', default: 'none' },
      d: { dtype: 'bool', default: true },
    } as const;
    expect(rowsOf('a,b,c,d\n,,,\nNA,"NA",NA,NA\n', { columns, naValues: ['NA'] })).toEqual([
      { a: NaN, b: -1n, c: 'none', d: 1 },
      { a: NaN, b: -1n, c: 'none', d: 1 },
    ]);
  });

  it('reads an empty string as empty bytes', () => {
    expect(rowsOf('a,b\n,1\n', { columns: { a: 'string' } })).toEqual([{ a: '', b: 1 }]);
  });

  it('emits nothing from an empty file or a header alone', () => {
    for (const text of ['', '\n', '\ufeff', 'a,b', 'a,b\n\n']) expect(rowsOf(text)).toEqual([]);
  });

  it('learns no dtypes from a file without rows', () => {
    const known: KnownDTypes = new Map();
    readAll(readerOf({}, known), [bytes('a\n')]);
    expect(readAll(readerOf({}, known), [bytes('a\n1\n')]).records[0]?.['a']?.dtype).toBe('int32');
  });

  it('names the line, the column and the remedy', () => {
    expect(errorOf('a,b\n1,"x\ny"\n2,z\n1.5,w\n', { inferRows: 1 })).toBe(
      `CSV: line 5: column "a": expected int32, found "1.5": the dtype was inferred from the first 1 rows; if the value is valid, declare the dtype, as in columns: { a: 'float32' }; the row is "1.5,w" (record 2, byte offset 16)`,
    );
    expect(errorOf('a,b\n1,2\n,2\n')).toContain(
      `line 3: column "a": the field is empty: declare the value of empty fields, as in columns: { a: { dtype: 'int32', default: -1 } }`,
    );
    expect(errorOf('a,b\n1,2\n1\n')).toContain('line 3: expected 2 fields, found 1; the row is "1"');
    expect(errorOf('a,b\n1,2\n1,2,3\n')).toContain('line 3: expected 2 fields, found 3; the row is "1,2,3"');
    expect(errorOf('a,b\n1,2\n"x"y,3\n')).toContain('the text "y" follows the closing quote');
    expect(errorOf('a,b\n1,"x\ny')).toContain('the input ends inside a quoted field');
    expect(errorOf('a,b\n1,2\n', { select: ['A'] })).toContain('there is no column "A": did you mean "a"?');
    expect(errorOf('a,a\n1,2\n')).toContain('the column "a" occurs twice');
    expect(errorOf('5,6\n1,2\n', { select: ['width'] })).toContain('if this line is not a header');
  });

  it('refuses a column that the first file does not have', () => {
    const known: KnownDTypes = new Map();
    readAll(readerOf({}, known), [bytes('a\n1\n')]);
    expect(readAll(readerOf({}, known), [bytes('a,b\n1,2\n')]).error?.message).toContain(
      'this file has the column "b", which an earlier file did not have: set the option "select" to the columns that you need',
    );
  });

  it('reads naValues that are numbers as missing', () => {
    const a = (dtype: 'float32' | 'float64' | 'int32') =>
      rowsOf('a\n-999\n3\n', { columns: { a: { dtype, default: 7 } }, naValues: ['-999'] });
    for (const dtype of ['float32', 'float64', 'int32'] as const) expect(a(dtype)).toEqual([{ a: 7 }, { a: 3 }]);
  });

  it('keeps rows of data that have the names of the columns', () => {
    expect(rowsOf('0,1\n1,0\n0,1\n')).toEqual([
      { 0: 1, 1: 0 },
      { 0: 0, 1: 1 },
    ]);
    expect(rowsOf('en,de\nde,en\nx,y\n')).toEqual([
      { en: 'de', de: 'en' },
      { en: 'x', de: 'y' },
    ]);
  });

  it('skips rows of texts that are equal to the header, and tells', () => {
    const told: unknown[] = [];
    const options = tableOptionsSchema().parse({ batchSize: 10 });
    const reader = new TableReader(options, new Map(), undefined, (names) => told.push(names));
    const { records } = readAll(reader, [bytes('s,t\na,b\ns,t\nc,d\n')]);
    expect(records[0]?.['s']?.shape).toEqual([2]);
    expect(told).toEqual([['s', 't']]);
  });

  it('skips the byte order mark of each file of a channel', () => {
    expect(rowsOf('\ufeffid,n\nu,1\n\ufeffid,n\nv,2\n')).toEqual([
      { id: 'u', n: 1 },
      { id: 'v', n: 2 },
    ]);
  });

  it('refuses lines that end with CR alone, a label that is missing, and too large tables', () => {
    expect(errorOf('a,b\r1,2\r')).toContain('the lines end with CR, without LF');
    expect(errorOf('a;b\n1;2\n', { label: 'b' })).toContain(
      'there is no column "b": found "a;b"; if ";" separates the columns, set delimiter: ";"',
    );
    expect(errorOf('species,x\n1,2\n', { label: 'Species' })).toContain(
      'there is no column "Species": did you mean "species"?',
    );
    expect(() => rowsOf('a\n1\n', { batchSize: 2e9 })).toThrow(
      'batchSize: expected at most 268435456 rows for 1 column,',
    );
  });

  it('orders declared columns as declared', () => {
    const columns = { b: 'int32', a: 'int32' } as const;
    const { records } = readAll(readerOf({ columns }), [bytes('c,a,b\n1,2,3\n')]);
    expect(Object.keys(records[0] ?? {})).toEqual(['b', 'a', 'c']);
  });

  it('does not skip rows whose numbers are wider than an inferred dtype', () => {
    const skip = () => undefined;
    const reader = new TableReader(tableOptionsSchema().parse({ batchSize: 10, inferRows: 1 }), new Map(), skip);
    expect(readAll(reader, [bytes('a\n1\n2.5\n')]).error?.message).toContain(
      `declare the dtype, as in columns: { a: 'float32' }`,
    );
  });

  it('skips a last row without a closing quote', () => {
    const sizes: number[] = [];
    const options = tableOptionsSchema().parse({ batchSize: 10, columns: { a: 'int32', b: 'string' } });
    const reader = new TableReader(options, new Map(), (_, length) => sizes.push(length));
    expect(readAll(reader, [bytes('a,b\n1,x\n2,"y')]).records[0]?.['a']?.data).toEqual(Int32Array.of(1));
    expect(sizes).toHaveLength(1);
  });

  it('limits the bytes before the dtypes are known', () => {
    const chunks = Array.from({ length: 50 }, () => bytes('x\n'.repeat(20)));
    for (const start of ['"a', 'a,b\n1,"']) {
      const { error } = readAll(readerOf({ maxRecordBytes: 100 }), [bytes(start), ...chunks]);
      expect(error?.kind).toBe('tooLarge');
    }
    const rows = Array.from({ length: 200 }, () => bytes(`${'1'.repeat(9)},${'x'.repeat(80)}\n`));
    expect(readAll(readerOf({ maxRecordBytes: 100 }), [bytes('a,b\n'), ...rows]).ending).toBe('end');
  });

  it('reads columns and texts with the names of properties of objects', () => {
    const { records } = readAll(readerOf(), [bytes('__proto__,constructor\n1,constructor\n')]);
    expect(Object.entries(records[0] ?? {}).map(([name, { dtype }]) => [name, dtype])).toEqual([
      ['__proto__', 'int32'],
      ['constructor', 'bytes'],
    ]);
    expect(errorOf('a\nconstructor\n', { columns: { a: 'bool' } })).toContain('expected bool, found "constructor"');
  });

  it('counts the lines of rows that are skipped', () => {
    const messages: string[] = [];
    const options = tableOptionsSchema().parse({ batchSize: 10, columns: { a: 'int32', b: 'string' } });
    const reader = new TableReader(options, new Map(), ({ message }) => messages.push(message));
    readAll(reader, [bytes('a,b\nq,"y\nz\n"\n2,"w\n"v\n3\n')]);
    expect(messages.map((message) => /line \d+/.exec(message)?.[0])).toEqual(['line 2', 'line 5', 'line 7']);
  });

  it('limits the length of a row', () => {
    const { error } = readAll(readerOf({ maxRecordBytes: 100 }), [bytes('a,b\n1,2\n'), bytes(`"${'x\n'.repeat(100)}`)]);
    expect(error?.kind).toBe('tooLarge');
    const inOneChunk = (length: number) => errorOf(`a\n${'x'.repeat(length)}\n`, { maxRecordBytes: 100 });
    expect(() => inOneChunk(99)).toThrow('expected a FormatError');
    expect(inOneChunk(100)).toContain('a row exceeds the limit of 100 bytes');
  });

  it('refuses compressed bytes and UTF-16', () => {
    const gzip = new Uint8Array(gzipSync('a,b\n1,2\n'));
    expect(readAll(readerOf(), [gzip]).error?.message).toContain('expected text, found gzip (compressed)');
    const utf16 = new Uint8Array(Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'));
    expect(readAll(readerOf(), [utf16]).error?.message).toContain('found UTF-16');
  });

  it('lets the caller skip bad rows', () => {
    const bad: unknown[] = [];
    const options = tableOptionsSchema().parse({ batchSize: 10, columns: { a: 'int32', b: 'string' } });
    const reader = new TableReader(options, new Map(), ({ recordIndex }, length) => bad.push([recordIndex, length]));
    const { records } = readAll(reader, [bytes('a,b\n1,x\nq,"y\n"\n2\n3,z\n')]);
    expect(records[0]?.['a']?.data).toEqual(Int32Array.of(1, 3));
    expect(bad).toEqual([
      [1, 7],
      [2, 2],
    ]);
  });

  it('reads the same however its input is cut', () => {
    const text =
      '\ufeff\n\r\n\nname,x,n,flag\r\n"a ""b""\n",1.5,12345678901,true\r\n\r\nplain,-2e3,7,0\nname,x,n,flag\n"",1,2,1\nlast,0.1,3,false';
    for (const options of [{ batchSize: 2 }, { batchSize: 3, inferRows: 1 }, { batchSize: 1, inferRows: 2 }]) {
      expectSameForEveryCut(() => readerOf(options), bytes(text));
    }
  });

  it('reads back any table', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', ' ', '1'), maxLength: 8 });
    const rows = fc.array(
      fc.record({ f: fc.double({ noNaN: true }).map((value) => value + 0), i: fc.integer(), s: text }),
      { minLength: 1 },
    );
    const file = rows.chain((values) => {
      const lines = values.map(({ f, i, s }) => `${i},"${s.replaceAll('"', '""')}",${f}\n`);
      return cuts(bytes(`i,s,f\n${lines.join('')}`)).map((chunks) => ({ values, chunks }));
    });
    fc.assert(
      fc.property(file, ({ values, chunks }) => {
        const columns = { f: 'float64', i: 'int32', s: 'string' } as const;
        const { records, ending } = readAll(readerOf({ columns }), chunks);
        expect(ending).toBe('end');
        expect(records).toHaveLength(1);
        const { f, i, s } = records[0] ?? {};
        expect([...(f?.data ?? [])]).toEqual(values.map((value) => value.f));
        expect([...(i?.data ?? [])]).toEqual(values.map((value) => value.i));
        expect(((s?.data ?? []) as Uint8Array[]).map((value) => Buffer.from(value).toString())).toEqual(
          values.map((value) => value.s),
        );
      }),
    );
  });
});
