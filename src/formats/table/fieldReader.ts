import { quote } from '../../base/showValue.js';
import { boolOf, shortIntegerOf } from '../csv/fastValues.js';
import { skipPlain, textOf, utf8Of, type RowRules } from './rowSplitter.js';
import { TextCopies } from '../csv/textCopies.js';
import type { ColumnBuilder } from './columnBuilder.js';
import { valueOfText } from './tableDType.js';
import type { CheckedTableOptions } from './tableOptions.js';
import type { TablePlan } from './tablePlan.js';
import type { CsvValue } from '../csv/csvValue.js';

const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** The error for a field that cannot be read, or a wrong number of fields. The caller adds the position. */
export class FieldFault extends Error {
  readonly column: string | undefined;
  /** True if the value is a number, and the inferred dtype of the column is too narrow. Such a row is not bad. */
  readonly isTooNarrow: boolean;

  constructor(column: string | undefined, reason: string, isTooNarrow = false) {
    super(reason);
    this.column = column;
    this.isTooNarrow = isTooNarrow;
  }
}

/** Reads the fields that are not plain numbers. */
export class FieldReader {
  readonly #rules: RowRules;
  readonly #options: CheckedTableOptions;
  readonly #naTexts: ReadonlySet<string>;
  readonly #copies = new TextCopies();
  /** The field that is being read. */
  readonly #field = { start: 0, end: 0, isQuoted: false, doubledQuotes: 0 };
  /** The number of line ends in the quoted fields of the current row. */
  newlines = 0;

  constructor(options: CheckedTableOptions, rules: RowRules) {
    this.#options = options;
    this.#rules = rules;
    this.#naTexts = new Set(options.naValues.map((text) => Buffer.from(text, 'utf8').toString('latin1')));
  }

  /**
   * Reads the next field of a row into its column.
   *
   * @param end - the position behind the last newline.
   * @returns the position of the delimiter or line end, or -1 if a quoted field has no end before `end`.
   */
  read(bytes: Uint8Array, start: number, end: number, { columnOf, row }: TablePlan): number {
    const { delimiter, quotes } = this.#rules;
    const field = this.#field;
    const column = columnOf[row.field];
    field.isQuoted = quotes && bytes[start] === QUOTE;
    if (!field.isQuoted) {
      field.start = start;
      field.end = skipPlain(bytes, start, delimiter);
      if (column) this.#readValue(bytes, column, row.row);
      return field.end;
    }
    const close = this.#skipQuoted(bytes, start, end);
    if (close < 0) return -1;
    const at = skipPlain(bytes, close, delimiter);
    if (at !== close) throw new FieldFault(column?.name, afterQuoteMessage(bytes, close, at));
    field.start = start + 1;
    field.end = close - 1;
    if (column) this.#readValue(bytes, column, row.row);
    return at;
  }

  /** Returns the position behind the closing quote, or -1. Counts line ends and quotes. */
  #skipQuoted(bytes: Uint8Array, start: number, end: number): number {
    let quotes = 0;
    for (let at = start + 1; at < end; at++) {
      const byte = bytes[at];
      if (byte === NEWLINE) this.newlines++;
      else if (byte === QUOTE) {
        if (bytes[at + 1] !== QUOTE) {
          this.#field.doubledQuotes = quotes;
          return at + 1;
        }
        quotes++;
        at++;
      }
    }
    return -1;
  }

  #readValue(bytes: Uint8Array, column: ColumnBuilder, row: number): void {
    const { start, end, isQuoted } = this.#field;
    const { strings, int64s, dtype } = column;
    const isNA = this.#naTexts.size > 0 && this.#naTexts.has(textOf(bytes, this.#field));
    if (strings) {
      strings[row] = start === end || isNA ? (column.default as Uint8Array) : this.#stringOf(bytes);
      return;
    }
    const isShort = !isNA && !isQuoted;
    if (int64s) {
      const integer = isShort ? shortIntegerOf(bytes, start, end) : undefined;
      int64s[row] = integer === undefined ? (this.#valueOf(bytes, column) as bigint) : BigInt(integer);
      return;
    }
    const bool = isShort && dtype === 'bool' ? boolOf(bytes, start, end) : undefined;
    column.numbers[row] = bool ?? (this.#valueOf(bytes, column) as number);
  }

  #stringOf(bytes: Uint8Array): Uint8Array {
    const { start, end, isQuoted, doubledQuotes } = this.#field;
    if (isQuoted && doubledQuotes > 0) return this.#copies.withoutDoubledQuotes(bytes, start, end - doubledQuotes);
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  }

  #valueOf(bytes: Uint8Array, column: ColumnBuilder): CsvValue {
    const text = textOf(bytes, this.#field);
    const isMissing = text === '' || this.#naTexts.has(text);
    const value = isMissing ? column.default : valueOfText(column.dtype, text);
    if (value !== undefined) return value;
    if (isMissing) throw new FieldFault(column.name, missingMessage(text, column));
    throw this.#misfit(text, column);
  }

  #misfit(text: string, { name, dtype }: ColumnBuilder): FieldFault {
    const wanted = `expected ${dtype}, found ${quote(utf8Of(text))}`;
    if (Object.hasOwn(this.#options.columns, name)) return new FieldFault(name, wanted);
    const wider = dtype.startsWith('int') ? (['int64', 'float32'] as const) : [];
    const fitting = wider.find((other) => valueOfText(other, text) !== undefined);
    const { inferRows } = this.#options;
    const message =
      `${wanted}: the dtype was inferred from the first ${inferRows} rows; if the value is valid, declare the dtype, ` +
      `as in columns: { ${keyOf(name)}: '${fitting ?? 'string'}' }`;
    return new FieldFault(name, message, fitting !== undefined);
  }
}

function missingMessage(text: string, { name, dtype }: ColumnBuilder): string {
  const found = text === '' ? 'the field is empty' : `found ${quote(utf8Of(text))}, a value for missing fields`;
  const value = dtype.startsWith('float') ? 'NaN' : dtype === 'bool' ? 'false' : '-1';
  const column = `${keyOf(name)}: { dtype: '${dtype}', default: ${value} }`;
  return `${found}: declare the value of empty fields, as in columns: { ${column} }`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

function afterQuoteMessage(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8Of(textOf(bytes, { start, end, isQuoted: false }));
  return `the text ${quote(text)} follows the closing quote: a quote inside a quoted field must be written twice`;
}
