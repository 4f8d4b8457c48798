import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { ndarray, type NDArray } from '../../../src/arrays/ndarray.js';
import {
  createCsvParser,
  type CsvColumns,
  type CsvLine,
  type CsvParserOptions,
} from '../../../src/formats/csv/csvParser.js';
import { fixtureJson } from '../support/fixtures.js';
import { thrownBy } from '../support/thrownBy.js';

interface Case {
  readonly name: string;
  readonly lines: readonly string[];
  readonly defaults: CsvColumns;
  readonly options: {
    readonly field_delim?: string;
    readonly use_quote_delim?: boolean;
    readonly na_value?: string;
    readonly select_cols?: readonly number[];
  };
  readonly results: readonly ({ readonly ok: readonly object[] } | { readonly error: string })[];
}

const cases = fixtureJson('csv/cases.json') as Case[];

const optionsOf = ({ options }: Case): CsvParserOptions => ({
  fieldDelim: options.field_delim,
  useQuoteDelim: options.use_quote_delim,
  naValue: options.na_value,
  selectCols: options.select_cols,
});

/** Returns a scalar in the form of the golden file. */
function goldenScalar({ dtype, shape, data }: NDArray): object {
  const values = Array.from<number | bigint | Uint8Array, unknown>(
    data as ArrayLike<number | bigint | Uint8Array>,
    (value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : typeof value === 'bigint' ? String(value) : value,
  );
  return dtype === 'bytes' ? { dtype: 'string', values } : { dtype, shape, values };
}

const text = (array: NDArray): string[] => (array.data as Uint8Array[]).map((bytes) => Buffer.from(bytes).toString());
const encodings: readonly ((line: string) => CsvLine)[] = [(line) => line, (line) => new Uint8Array(Buffer.from(line))];

describe('createCsvParser', () => {
  it.each(cases)('parses as TensorFlow does: $name', (golden) => {
    const parser = createCsvParser(golden.defaults, optionsOf(golden));
    for (const encode of encodings) {
      for (const [index, line] of golden.lines.entries()) {
        const expected = golden.results[index]!;
        if ('ok' in expected) expect(parser.parseLine(encode(line)).map(goldenScalar)).toEqual(expected.ok);
        else expect(() => parser.parseLine(encode(line))).toThrow(FormatError);
      }
    }
  });

  it.each(cases)('makes columns of batches that hold the same values: $name', (golden) => {
    const parser = createCsvParser(golden.defaults, optionsOf(golden));
    const sound = golden.lines.filter((_, index) => 'ok' in golden.results[index]!);
    const columns = parser.parseBatch(sound);
    const rows = sound.map((line) => parser.parseLine(line));
    for (const [index, column] of columns.entries()) {
      expect(column.shape).toEqual([sound.length]);
      expect([...(column.data as Iterable<unknown>)]).toEqual(
        rows.flatMap((row) => [...((row as NDArray[])[index]!.data as Iterable<unknown>)]),
      );
    }
  });

  it('reads lines that were written by the rules, as text and as bytes', () => {
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
    const field = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/^[\r\n]|"$|^"/.test(value));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, field), { minLength: 1 }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (pairs, id) => {
          // A quote before a delimiter would end the field, also in TensorFlow.
          const safe = pairs.map((pair) => pair.map((value) => value.replaceAll('"', "'")));
          const lines = safe.map(([a = '', b = '']) => `${id},${quoted(a)},${quoted(b)}`);
          for (const encode of encodings) {
            const [ids, first, second] = createCsvParser(['int64', 'string', 'string']).parseBatch(lines.map(encode));
            expect(ids.data).toEqual(BigInt64Array.from(safe, () => id));
            expect([text(first), text(second)]).toEqual([safe.map(([a]) => a), safe.map(([, b]) => b)]);
          }
        },
      ),
    );
  });

  it('reads each dtype to its limits, with blanks around numbers', () => {
    const parser = createCsvParser(['int32', 'int64', 'float32', 'float64']);
    const [i, l, f, d] = parser.parseBatch([
      ' 2147483647 ,\t9223372036854775807,1.5,1e308',
      '-2147483648,-9223372036854775808 ,-.5,-5.',
      '+0,+12,inf,-Infinity',
      '-0,007,NaN,+1E+3',
    ]);
    expect(i.data).toEqual(Int32Array.of(2 ** 31 - 1, -(2 ** 31), 0, 0));
    expect(l.data).toEqual(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 12n, 7n));
    expect(f.data).toEqual(Float32Array.of(1.5, -0.5, Infinity, NaN));
    expect(d.data).toEqual(Float64Array.of(1e308, -5, -Infinity, 1000));
  });

  // The nearest float64 of each number is halfway between two float32 numbers. The bits are those of TensorFlow 2.21.
  it.each([
    ['1.000000178813934326171875', 0x3f80_0002],
    ['1.00000017881393432617187499999999', 0x3f80_0001],
    ['1.0000001788139343', 0x3f80_0001],
    ['-1.00000017881393432617187499999999', 0xbf80_0001],
    ['100000017.881393432617187500000000e-8', 0x3f80_0002],
    ['1.0000000596046447753906250000000001', 0x3f80_0001],
    [`1.000000059604644775390625${'0'.repeat(300)}1`, 0x3f80_0001],
    ['7.006492321624085e-46', 0],
    ['7.0064923216240862e-46', 1],
    ['340282356779733661637539395458142568448', 0x7f80_0000],
    ['340282356779733661637539395458142568447.9', 0x7f7f_ffff],
    ['-340282356779733661637539395458142568447', 0xff7f_ffff],
    // The midpoint of 1 and the next float32, with additional zeros: rounded to even.
    [`1.000000059604644775390625${'0'.repeat(300)}`, 0x3f800000],
    [`1.000000059604644775390625${'0'.repeat(300)}1`, 0x3f800001],
  ])('rounds a decimal number to float32 once: %s', (text, bits) => {
    const [column] = createCsvParser(['float32']).parseLine(text);
    expect(new Uint32Array(column.data.buffer)[0]).toBe(bits);
  });

  it.each([
    ['int32', '2147483648'],
    ['int32', '1.0'],
    ['int32', '0x10'],
    ['int64', '9223372036854775808'],
    ['int64', '1 2'],
    ['float32', '1e'],
    ['float32', '.'],
    ['float64', '0x1p3'],
    ['float64', '1_000'],
    ['float64', ' '],
  ] as const)('refuses as %s: %s', (dtype, field) => {
    const error = thrownBy(FormatError, () => createCsvParser([dtype]).parseLine(field));
    expect(error.message).toContain(`column 1 of 1: expected ${dtype}, found ${JSON.stringify(field)}`);
  });

  it('takes a default for an empty field, an empty one in quotes, and the naValue', () => {
    const parser = createCsvParser(
      [
        { dtype: 'int64', default: '9007199254740993' },
        { dtype: 'float32', default: Infinity },
        { dtype: 'string', default: 'é' },
      ],
      { naValue: 'ñ' },
    );
    for (const encode of encodings) {
      const [i, f, s] = parser.parseBatch([',,', '"","",""', 'ñ,ñ,ñ', '1,2,ü'].map(encode));
      expect(i.data).toEqual(BigInt64Array.of(9007199254740993n, 9007199254740993n, 9007199254740993n, 1n));
      expect(f.data).toEqual(Float32Array.of(Infinity, Infinity, Infinity, 2));
      expect(text(s)).toEqual(['é', 'é', 'é', 'ü']);
    }
  });

  it('names the column, the line and the byte at which it is wrong', () => {
    const parser = createCsvParser(['string', 'int64'], { selectCols: [0, 2] });
    const lines = ['a,b,1', 'é,b,x'];
    for (const encode of encodings) {
      const error = thrownBy(FormatError, () => parser.parseBatch(lines.map(encode), 10));
      expect(error).toMatchObject({ kind: 'malformed', format: 'CSV', recordIndex: 11, byteOffset: 5 });
      expect(error.message).toContain('column 3, index 2 in selectCols: expected int64, found "x"');
    }
  });

  it.each([
    ['a"b,c', 'must be quoted', 1],
    ['a\nb,c', 'must be quoted', 1],
    ['a,"b', 'has no closing quote: a field cannot continue on the next line', 2],
    ['a,"b"c', 'written twice', 4],
    ['a', 'expected 2 columns in all, found 1', 0],
    ['a,"b"c', 'CSV: column 2 of 2: a quote', 4],
    [
      '',
      'CSV: expected 2 columns in all, found 0: remove empty lines with filter() before decodeCsv, or, in a declared pipeline, with "onBadRecord": "skip" (',
      0,
    ],
    ['a,b,', 'CSV: expected 2 columns in all, found 3; the line continues after column 2: ', 0],
    [',b', 'the field is empty, and the column has no default', 0],
  ])('says what is wrong with %j', (line, message, byteOffset) => {
    const error = thrownBy(FormatError, () => createCsvParser(['string', 'string']).parseLine(line, 3));
    expect(error).toMatchObject({ byteOffset, recordIndex: 3 });
    expect(error.message).toContain(message);
  });

  it('says how many columns a line has that lacks a selected one', () => {
    const parser = createCsvParser(['string', 'string'], { selectCols: [1, 4] });
    for (const [line, count] of [
      ['a,b,c', 3],
      ['a,b,', 3],
      ['a,b', 2],
    ] as const) {
      const { message } = thrownBy(FormatError, () => parser.parseLine(line));
      expect(message).toContain(`column 5, index 4 in selectCols: the line has only ${count} columns`);
    }
  });

  it('names the column, if a name is given, and shows the line', () => {
    const columns = [
      { dtype: 'string', name: 'city' },
      { dtype: 'int64', name: 'age' },
    ] as const;
    const { message } = thrownBy(FormatError, () =>
      createCsvParser(columns, { selectCols: [0, 2] }).parseLine('a,b,x'),
    );
    expect(message).toContain(
      'column "age" (column 3, index 2 in selectCols): expected int64, found "x"; the line is "a,b,x"',
    );
  });

  it('names the compression of bytes that are parsed as a line', () => {
    const line = gzipSync('1,2\n');
    const { message } = thrownBy(FormatError, () => createCsvParser(['int64', 'int64']).parseLine(line));
    expect(message).toContain("; the line looks like gzip: if compression: 'none' is set, remove this option");
  });

  it('names a byte order mark, which nobody sees', () => {
    for (const encode of encodings) {
      for (const [line, columns] of [
        ['\ufeff1,2', ['int64', 'int64']],
        ['\ufeff"1",2', ['string', 'int64']],
      ] as const) {
        const { message } = thrownBy(FormatError, () => createCsvParser(columns).parseLine(encode(line)));
        expect(message).toContain('the line begins with a byte order mark (U+FEFF)');
      }
    }
  });

  it('shows text as UTF-8, and no character that a terminal acts upon', () => {
    for (const encode of encodings) {
      const { message } = thrownBy(FormatError, () => createCsvParser(['int64']).parseLine(encode('é\u009b31m\u202e')));
      expect(message).toContain('found "é\\u009b31m\\u202e"; the line is "é\\u009b31m\\u202e"');
    }
  });

  it('lists the dtypes to one that takes a name or a value for them', () => {
    for (const wrong of ['age', [0.0]]) {
      const create = () => createCsvParser([wrong] as unknown as CsvColumns);
      expect(thrownBy(ConfigError, create).message).toContain(
        'recordDefaults[0]: expected one of int32, int64, float32, float64, string, or { dtype, default }',
      );
    }
  });

  it('reads a field of a million digits, number or not, in no time that anybody would notice', () => {
    const digits = '1'.repeat(1_000_000);
    const parser = createCsvParser(['float64']);
    expect(parser.parseLine(digits)[0].data).toEqual(Float64Array.of(Infinity));
    expect(() => parser.parseLine(`${digits}x`)).toThrow(FormatError);
    expect(() => createCsvParser(['int64']).parseLine(digits)).toThrow(FormatError);
    const [zeros] = createCsvParser(['int64']).parseLine(`${'0'.repeat(1_000_000)}7`);
    expect(zeros.data).toEqual(BigInt64Array.of(7n));
  });

  it('shows the beginning of a field that is too long to show', () => {
    const { message } = thrownBy(FormatError, () => createCsvParser(['int64']).parseLine('x'.repeat(1000)));
    expect(message.length).toBeLessThan(300);
    expect(message).toContain('expected int64, found "xxx');
  });

  it('ignores everything after the last selected column', () => {
    const [x] = createCsvParser(['int64'], { selectCols: [1] }).parseLine('a,1,"not closed');
    expect(x).toEqual(ndarray('int64', [], BigInt64Array.of(1n)));
  });

  it('returns empty columns for a batch without lines', () => {
    expect(createCsvParser(['float32']).parseBatch([])).toEqual([ndarray('float32', [0], new Float32Array(0))]);
  });

  it.each([
    [[], {}, 'recordDefaults'],
    [['int16'], {}, 'recordDefaults[0]'],
    [['int64', { dtype: 'int64', default: 1.5 }], {}, 'recordDefaults[1].default'],
    [[{ dtype: 'int32', default: 2 ** 31 }], {}, 'recordDefaults[0].default'],
    [[{ dtype: 'float32', default: 'x' }], {}, 'recordDefaults[0].default'],
    [['int64'], { fieldDelim: ', ' }, 'fieldDelim'],
    [['int64'], { fieldDelim: 'é' }, 'fieldDelim'],
    [['int64'], { fieldDelim: '"' }, 'fieldDelim'],
    [['int64'], { fieldDelim: '\n' }, 'fieldDelim'],
    [['int64'], { fieldDelim: '\r' }, 'fieldDelim'],
    [['int64'], { selectCols: [0, 1] }, 'selectCols'],
    [['int64', 'int64'], { selectCols: [1, 1] }, 'selectCols'],
    [['int64'], { delimiter: ';' }, ''],
  ])('refuses %j with %j', (recordDefaults, options, path) => {
    const create = () => createCsvParser(recordDefaults as unknown as CsvColumns, options as CsvParserOptions);
    expect(thrownBy(ConfigError, create).path).toBe(path);
  });
});

describe('createCsvParser with invalid columns', () => {
  const messageOf = (columns: unknown): string =>
    thrownBy(ConfigError, () => createCsvParser(columns as ['int64'])).message;

  it('lists the dtypes if it finds a name instead', () => {
    expect(messageOf(['id', 'int64'])).toBe(
      'decodeCsv: recordDefaults[0]: expected one of int32, int64, float32, float64, string, or { dtype, default }, found "id"',
    );
    expect(messageOf(['flaot32'])).toContain('found "flaot32": did you mean "float32"?');
  });

  it.each([
    [
      [[0.5]],
      "recordDefaults[0]: expected one of int32, int64, float32, float64, string, or { dtype, default }, found only a default value (the form that TensorFlow uses): write { dtype: 'float32', default: 0.5 }",
    ],
    [[['none']], 'write { dtype: \'string\', default: "none" }'],
    [['int64', 0], "write { dtype: 'float32', default: 0 }"],
  ])('translates TensorFlow’s record_defaults: %j', (columns, message) => {
    expect(messageOf(columns)).toContain(message);
  });

  it('says of a column’s own part which is wrong', () => {
    expect(messageOf([{ dtype: 'int8' }])).toContain('recordDefaults[0].dtype: expected one of');
    expect(messageOf([{ dtype: 'int32', defualt: 1 }])).toContain('unknown key "defualt": did you mean "default"?');
  });
});
