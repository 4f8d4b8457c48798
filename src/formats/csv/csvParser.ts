import { z } from 'zod';
import { FormatError } from '../../base/errors.js';
import { ndarray, type DataOf, type DType, type NDArray } from '../../arrays/ndarray.js';
import { parseOptions, requireOptions } from '../../base/parseOptions.js';
import { compressionOfText } from '../framing/lookOf.js';
import { quote } from '../../base/showValue.js';
import { requireRecord } from '../../base/requireBytes.js';
import { CsvColumnReader } from './csvColumnReader.js';
import type { CsvDType } from './csvValue.js';
import { splitCsvLine, type CsvFail, type CsvRules } from './splitCsvLine.js';
import type { Elements } from '../../arrays/copyElements.js';

/**
 * A column of CSV: its dtype, the default for empty fields, and a name for errors. Without a default, an empty field is
 * an error. The default of a `string` is text; an int64 may be written as a decimal string.
 */
export type CsvColumn =
  | CsvDType
  | {
      readonly dtype: CsvDType;
      readonly default?: number | bigint | string | undefined;
      readonly name?: string | undefined;
    };

/** The columns that are wanted, in order: plain JSON. */
export type CsvColumns = readonly CsvColumn[];

/** A line: text, or its bytes. */
export type CsvLine = string | Uint8Array;

/** What a column is parsed to: `bytes` where it is a `string`. */
export type ParsedCsvDType<C extends CsvColumn> = C extends CsvDType
  ? C extends 'string'
    ? 'bytes'
    : Exclude<C, 'string'>
  : C extends { readonly dtype: infer D extends CsvDType }
    ? ParsedCsvDType<D>
    : never;

/** What lines are parsed to: an array for each column. */
export type ParsedCsv<C extends CsvColumns> = { -readonly [K in keyof C]: NDArray<ParsedCsvDType<C[K]>> };

/** Options of {@link createCsvParser}. */
export interface CsvParserOptions {
  /** What stands between fields, one ASCII character. Default: `,`. */
  readonly fieldDelim?: string | undefined;
  /** Whether fields may stand in quotes; where not, a quote is a character like any other. Default: true. */
  readonly useQuoteDelim?: boolean | undefined;
  /** A text that means the same as an empty field. */
  readonly naValue?: string | undefined;
  /** Which columns of the lines are meant, rising, one for each of `recordDefaults`. Default: all that there are. */
  readonly selectCols?: readonly number[] | undefined;
}

/** A parser of lines of CSV, made by {@link createCsvParser}. */
export interface CsvParser<C extends CsvColumns> {
  /**
   * Parses one line: scalars, of shape `[]`.
   *
   * @throws FormatError naming the column, with `byteOffset` within the line.
   */
  parseLine(line: CsvLine, recordIndex?: number): ParsedCsv<C>;
  /**
   * Parses a batch of any number of lines: columns of shape `[lines.length]`.
   *
   * @throws FormatError naming the column, with `byteOffset` within the line; `recordIndex` counts from
   *   `firstRecordIndex`.
   */
  parseBatch(lines: readonly CsvLine[], firstRecordIndex?: number): ParsedCsv<C>;
}

const dtypeSchema = z.enum(['int32', 'int64', 'float32', 'float64', 'string']);
const defaultSchema = z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity]), z.bigint(), z.string()]);

/** Returns the message for a bad column. It shows how to write TensorFlow's `[0.0]` or `0.0` for this package. */
function columnMessage(input: unknown): string {
  const expected = `expected one of ${dtypeSchema.options.join(', ')}, or { dtype, default }`;
  const standIn: unknown = Array.isArray(input) && input.length === 1 ? input[0] : input;
  const isTensorFlows = typeof standIn === 'number' || (standIn !== input && typeof standIn === 'string');
  if (!isTensorFlows) return expected;
  const dtype = typeof standIn === 'string' ? 'string' : 'float32';
  const shown = typeof standIn === 'string' ? quote(standIn) : standIn;
  return `${expected}, found a default alone, as TensorFlow has it: write { dtype: '${dtype}', default: ${shown} }`;
}

/** The arguments of {@link createCsvParser}, by name. */
export const csvParserSchema = z
  .strictObject({
    recordDefaults: z
      .array(
        z.union(
          [
            dtypeSchema,
            z.strictObject({ dtype: dtypeSchema, default: defaultSchema.optional(), name: z.string().optional() }),
          ],
          { error: ({ input }) => columnMessage(input) },
        ),
      )
      .min(1),
    fieldDelim: z.string().refine(isAsciiCharacter, 'expected one ASCII character').default(','),
    useQuoteDelim: z.boolean().default(true),
    naValue: z.string().default(''),
    selectCols: z.array(z.int().nonnegative()).optional(),
  })
  .refine(({ selectCols = [] }) => selectCols.every((column, i) => i === 0 || column > (selectCols[i - 1] ?? 0)), {
    path: ['selectCols'],
    error: 'expected rising columns',
  })
  .refine(({ recordDefaults, selectCols }) => (selectCols ?? recordDefaults).length === recordDefaults.length, {
    path: ['selectCols'],
    error: 'expected as many columns as there are in recordDefaults',
  });

/**
 * Makes a parser of lines of CSV: `tf.io.decode_csv`.
 *
 * ```ts
 * import { createCsvParser } from 'millrace/formats';
 *
 * const parser = createCsvParser(['int64', { dtype: 'float32', default: 0 }, 'string']);
 * const [id, weight, name] = parser.parseBatch(['1,0.5,"a, b"', '2,,c']);
 * console.log(id.data, weight.data, name.data); // 1n 2n, 0.5 0, and the bytes of "a, b" and "c"
 * ```
 *
 * Numbers may have blanks around them; `inf` and `nan` are numbers. An empty field, also one in quotes, takes the
 * default. Everything is copied. Nothing is held between calls.
 *
 * @param recordDefaults - dtype and default of each column.
 * @throws ConfigError where an argument makes no sense; a path such as `recordDefaults[1].default` leads to the fault.
 * @see {@link https://www.tensorflow.org/api_docs/python/tf/io/decode_csv | tf.io.decode_csv}
 */
export function createCsvParser<const C extends CsvColumns>(
  recordDefaults: C,
  options: CsvParserOptions = {},
): CsvParser<C> {
  requireOptions('decodeCsv', options, "{ fieldDelim: ';' }");
  const parsed = parseOptions('decodeCsv', csvParserSchema, { recordDefaults, ...options });
  const { fieldDelim, useQuoteDelim, naValue, selectCols } = parsed;
  const rules: CsvRules = { delimiter: fieldDelim.charCodeAt(0), useQuoteDelim, selectCols };
  const columns = parsed.recordDefaults.map((column, index) => new CsvColumnReader(column, index, naValue));
  const nameOf = (column: number): string | undefined => {
    const named = parsed.recordDefaults[selectCols?.indexOf(column) ?? column];
    return typeof named === 'object' ? named.name : undefined;
  };

  const parse = (lines: readonly CsvLine[], firstRecordIndex: number, shape: readonly number[]): unknown => {
    const data = columns.map((column) => column.allocate(lines.length));
    for (const [row, line] of lines.entries()) {
      const isText = typeof line === 'string';
      if (!isText) requireRecord('decodeCsv', line, firstRecordIndex + row);
      const text = isText ? line : Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1');
      const fail = failIn(line, firstRecordIndex + row, nameOf);
      const fields = splitCsvLine(text, rules, fail);
      if (fields.length !== columns.length) {
        const [wanted, found] = [columns.length, fields.length];
        const remedy = found === 0 ? 'the line is blank; filter such lines out' : delimiterRemedy(text, wanted);
        fail(`expected ${wanted} columns in all, found ${found}: ${remedy}`, Math.min(wanted, found), 0);
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
    parseBatch: (lines, firstRecordIndex = 0) => parse(lines, firstRecordIndex, [lines.length]) as ParsedCsv<C>,
  };
}

/** Returns the remedy for a line with another number of columns. */
function delimiterRemedy(text: string, wanted: number): string {
  const other = [';', '\t', '|', ','].find((delimiter) => wanted > 1 && text.split(delimiter).length === wanted);
  if (other === undefined) return 'is the delimiter right?';
  return `its fields seem to be separated by ${quote(other)}: write { fieldDelim: ${quote(other)} }`;
}

function isAsciiCharacter(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x80;
}

const BYTE_ORDER_MARK = '\ufeff';

function failIn(line: CsvLine, recordIndex: number, nameOf: (column: number) => string | undefined): CsvFail {
  return (message, column, at) => {
    const text = typeof line === 'string' ? line : Buffer.from(line).toString('utf8');
    const byteOffset = typeof line === 'string' ? Buffer.byteLength(line.slice(0, at)) : at;
    const name = nameOf(column);
    const subject = name === undefined ? `column ${column}` : `column ${column} (${quote(name)})`;
    const mark = text.startsWith(BYTE_ORDER_MARK)
      ? '; the line begins with a byte order mark (U+FEFF): save the file without it'
      : '';
    const shown = text === '' ? '' : ` in the line ${quote(text)}`;
    const compression = typeof line === 'string' ? undefined : compressionOfText(line);
    const hint = compression ? `; the line looks like ${compression.name}: ${compression.remedy}` : mark;
    throw new FormatError(`${subject}: ${message}${shown}${hint}`, {
      kind: 'malformed',
      format: 'CSV',
      byteOffset,
      recordIndex,
    });
  };
}
