import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ndarray, type DataOf, type DType, type NDArray } from '../../arrays/ndarray.js';
import { parseOptions, requireOptions } from '../../base/parseOptions.js';
import { quote } from '../../base/showValue.js';
import { requireBatch, requireRecord } from '../../base/requireBytes.js';
import { failIn } from './csvFail.js';
import { CsvColumnReader } from './csvColumnReader.js';
import type { CsvDType } from './csvValue.js';
import { PlainLineReader } from './plainLine.js';
import { splitCsvLine, type CsvRules } from './splitCsvLine.js';
import type { Elements } from '../../arrays/copyElements.js';

/**
 * A column of CSV: a dtype or an object. `default` is the value of empty fields. Without `default`, an empty field is
 * an error. `default` is a string for a `string` column, and may be a decimal string for an `int64` column. Errors
 * contain `name`.
 */
export type CsvColumn =
  | CsvDType
  | {
      readonly dtype: CsvDType;
      readonly default?: number | bigint | string | undefined;
      readonly name?: string | undefined;
    };

/** The columns in order, as plain JSON. */
export type CsvColumns = readonly CsvColumn[];

/** A line as text or bytes. */
export type CsvLine = string | Uint8Array;

/** The dtype of a parsed column. A `string` column becomes `bytes`. */
export type ParsedCsvDType<C extends CsvColumn> = C extends CsvDType
  ? C extends 'string'
    ? 'bytes'
    : Exclude<C, 'string'>
  : C extends { readonly dtype: infer D extends CsvDType }
    ? ParsedCsvDType<D>
    : never;

/** One array for each column. */
export type ParsedCsv<C extends CsvColumns> = { -readonly [K in keyof C]: NDArray<ParsedCsvDType<C[K]>> };

/** Options of {@link createCsvParser}. */
export interface CsvParserOptions {
  /** The ASCII character between two fields. Default: `,`. */
  readonly fieldDelim?: string | undefined;
  /** If false, a quote is an ordinary character. Default: true. */
  readonly useQuoteDelim?: boolean | undefined;
  /** The text of fields that count as empty. Default: none. */
  readonly naValue?: string | undefined;
  /**
   * The indices of the columns to read, from 0, ascending. `recordDefaults` must have the same length. Default: all
   * columns.
   */
  readonly selectCols?: readonly number[] | undefined;
}

/** A parser of CSV lines. Its methods throw a FormatError with column and byte offset in the line. */
export interface CsvParser<C extends CsvColumns> {
  /** Parses one line to scalars of shape `[]`. */
  parseLine(line: CsvLine, recordIndex?: number): ParsedCsv<C>;
  /** Parses lines to columns of shape `[lines.length]`. Errors count from `firstRecordIndex`. */
  parseBatch(lines: readonly CsvLine[], firstRecordIndex?: number): ParsedCsv<C>;
}

const dtypeSchema = lazy(() => z.enum(['int32', 'int64', 'float32', 'float64', 'string']));
const defaultSchema = lazy(() =>
  z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity]), z.bigint(), z.string()]),
);

/** Returns a message that shows how to write TensorFlow's `[0.0]` or `0.0` here. */
function columnMessage(input: unknown): string {
  const expected = `expected one of ${dtypeSchema().options.join(', ')}, or { dtype, default }`;
  const standIn: unknown = Array.isArray(input) && input.length === 1 ? input[0] : input;
  const isTensorFlows = typeof standIn === 'number' || (standIn !== input && typeof standIn === 'string');
  if (!isTensorFlows) return expected;
  const dtype = typeof standIn === 'string' ? 'string' : 'float32';
  const shown = typeof standIn === 'string' ? quote(standIn) : standIn;
  return `${expected}, found only a default value (the form that TensorFlow uses): write { dtype: '${dtype}', default: ${shown} }`;
}

export const csvParserSchema = lazy(() =>
  z
    .strictObject({
      recordDefaults: z
        .array(
          z.union(
            [
              dtypeSchema(),
              z.strictObject({
                dtype: dtypeSchema().describe('The dtype of the column.'),
                default: defaultSchema()
                  .optional()
                  .describe(
                    'The value to use for an empty field of the column. Without this value, an empty field causes an error.',
                  ),
                name: z.string().optional().describe('The name that error messages use for the column.'),
              }),
            ],
            { error: ({ input }) => columnMessage(input) },
          ),
        )
        .min(1)
        .describe(
          'The columns to read, in order: the dtype of each column, and optionally the value to use for empty fields.',
        ),
      fieldDelim: z
        .string()
        .refine(isDelimiter, 'expected one ASCII character that is not a double quote or a line end')
        .default(',')
        .describe('The character that separates the fields of a line. Default: a comma.'),
      useQuoteDelim: z
        .boolean()
        .default(true)
        .describe('If true, the fields of a line may be in double quotes. Default: true.'),
      naValue: z
        .string()
        .default('')
        .describe(
          'The text of fields that are treated as empty, for example "NA". Default: only fields without text are empty.',
        ),
      selectCols: z
        .array(z.int().nonnegative())
        .optional()
        .describe(
          'The numbers of the columns to read, in ascending order. The first column is 0. Default: all columns.',
        ),
    })
    .refine(({ selectCols = [] }) => selectCols.every((column, i) => i === 0 || column > (selectCols[i - 1] ?? 0)), {
      path: ['selectCols'],
      error: 'expected column numbers in ascending order',
    })
    .refine(({ recordDefaults, selectCols }) => (selectCols ?? recordDefaults).length === recordDefaults.length, {
      path: ['selectCols'],
      error: 'expected one column number for each element of recordDefaults',
    }),
);

/**
 * Makes a parser of CSV lines, like `tf.io.decode_csv`.
 *
 * ```ts
 * import { createCsvParser } from 'millrace/formats';
 *
 * const parser = createCsvParser(['int64', { dtype: 'float32', default: 0 }, 'string']);
 * const [id, weight, name] = parser.parseBatch(['1,0.5,"a, b"', '2,,c']);
 * console.log(id.data, weight.data, name.data); // 1n 2n, 0.5 0, and the bytes of "a, b" and "c"
 * ```
 *
 * Spaces around numbers are allowed. `inf` and `nan` are numbers. An empty field, also if quoted, becomes the default
 * of its column. All values are copied.
 *
 * @throws ConfigError if an argument is invalid.
 */
export function createCsvParser<const C extends CsvColumns>(
  recordDefaults: C,
  options: CsvParserOptions = {},
): CsvParser<C> {
  requireOptions('decodeCsv', options, "{ fieldDelim: ';' }");
  const parsed = parseOptions('decodeCsv', csvParserSchema(), { ...options, recordDefaults });
  const { fieldDelim, useQuoteDelim, naValue, selectCols } = parsed;
  const rules: CsvRules = { delimiter: fieldDelim.charCodeAt(0), useQuoteDelim, selectCols };
  const columns = parsed.recordDefaults.map((column, index) => new CsvColumnReader(column, index, naValue));
  const plain = PlainLineReader.create(parsed.recordDefaults, rules, naValue);
  // Messages count columns from 1. `selectCols` counts from 0.
  const labelOf = (column: number): string => {
    const named = parsed.recordDefaults[selectCols?.indexOf(column) ?? column];
    const place = selectCols
      ? `column ${column + 1}, index ${column} in selectCols`
      : `column ${column + 1} of ${columns.length}`;
    return typeof named === 'object' && named.name !== undefined ? `column ${quote(named.name)} (${place})` : place;
  };

  const parse = (lines: readonly CsvLine[], firstRecordIndex: number, shape: readonly number[]): unknown => {
    const data = columns.map((column) => column.allocate(lines.length));
    for (const [row, line] of lines.entries()) {
      const isText = typeof line === 'string';
      if (!isText) requireRecord('decodeCsv', line, firstRecordIndex + row);
      if (!isText && plain?.read(line, data, row) === true) continue;
      const text = isText ? line : Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1');
      const fail = failIn(line, firstRecordIndex + row, labelOf);
      const fields = splitCsvLine(text, rules, fail);
      if (fields.length !== columns.length) {
        const [wanted, found] = [columns.length, fields.length];
        const remedy = found === 0 ? EMPTY_LINES : delimiterRemedy(text, wanted);
        const more = found > wanted ? `; the line continues after column ${wanted}:` : ':';
        fail(`expected ${wanted} columns in all, found ${found}${more} ${remedy}`, undefined, 0);
      }
      for (const [index, field] of fields.entries()) {
        const value = columns[index]?.read(field, isText ? 'utf8' : 'latin1', fail);
        (data[index] as Elements)[row] = value;
      }
    }
    return columns.map((column, index) => ndarray<DType>(column.dtype, shape, data[index] as DataOf[DType]));
  };
  return {
    parseLine: (line, recordIndex = 0) => parse([line], recordIndex, []) as ParsedCsv<C>,
    parseBatch: (lines, firstRecordIndex = 0) => {
      requireBatch('parseBatch', lines);
      return parse(lines, firstRecordIndex, [lines.length]) as ParsedCsv<C>;
    },
  };
}

const EMPTY_LINES =
  'remove empty lines with filter() before decodeCsv, or, in a declared pipeline, with "onBadRecord": "skip"';

function delimiterRemedy(text: string, wanted: number): string {
  const other = [';', '\t', '|', ','].find((delimiter) => wanted > 1 && text.split(delimiter).length === wanted);
  if (other === undefined) return 'check the option fieldDelim of decodeCsv';
  return `the fields seem to be separated by ${quote(other)}: write { fieldDelim: ${quote(other)} }`;
}

function isDelimiter(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80 && !'"\r\n'.includes(text);
}
