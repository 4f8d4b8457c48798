import { quote } from '../../base/showValue.js';
import { boolOf, shortIntegerOf } from '../csv/fastValues.js';
import {
  skipPlain,
  skipQuoted,
  textOf,
  utf8Of,
  type QuotedContent,
  type RowBytes,
  type RowRules,
} from './rowSplitter.js';
import { TextCopies } from '../csv/textCopies.js';
import type { ColumnBuilder } from './columnBuilder.js';
import { valueOfText } from './tableDType.js';
import type { CheckedTableOptions } from './tableOptions.js';
import type { TablePlan } from './tablePlan.js';

const QUOTE = 0x22;

/**
 * The error for a row with an unreadable field or a wrong number of fields. The TableReader adds the position of the
 * row.
 */
export class FieldFault extends Error {
  readonly column: string | undefined;
  /** True if the row is valid, but the inferred dtype cannot represent the number. */
  readonly isTooNarrow: boolean;

  constructor(column: string | undefined, reason: string, isTooNarrow = false) {
    super(reason);
    this.column = column;
    this.isTooNarrow = isTooNarrow;
  }
}

/** Reads the fields that are not plain numbers. */
export class FieldReader {
  readonly content: QuotedContent = { newlines: 0, doubledQuotes: 0 };
  readonly #rules: RowRules;
  readonly #options: CheckedTableOptions;
  readonly #naTexts: ReadonlySet<string>;
  readonly #hasNATexts: boolean;
  readonly #copies = new TextCopies();

  constructor(options: CheckedTableOptions, rules: RowRules) {
    this.#options = options;
    this.#rules = rules;
    this.#naTexts = new Set(options.naValues.map((text) => Buffer.from(text, 'utf8').toString('latin1')));
    this.#hasNATexts = this.#naTexts.size > 0;
  }

  /**
   * @returns the position of the delimiter or line end, or -1 if a quoted field has no end.
   */
  read(input: RowBytes, start: number, plan: TablePlan): number {
    const { bytes, view } = input;
    const { delimiter, quotes } = this.#rules;
    if (quotes && bytes[start] === QUOTE) return this.#readQuoted(input, start, plan);
    const fieldEnd = skipPlain(view, start, delimiter);
    const column = plan.columnOf[plan.row.field];
    if (column && !this.#readFast(bytes, start, fieldEnd, plan)) {
      this.#readText(textOf(bytes, { start, end: fieldEnd, isQuoted: false }), column, plan.row.row);
    }
    return fieldEnd;
  }

  #readQuoted({ bytes, view, end }: RowBytes, start: number, plan: TablePlan): number {
    const { delimiter } = this.#rules;
    const { row, field } = plan.row;
    const column = plan.columnOf[field];
    const quotedEnd = skipQuoted(view, start, end, this.content);
    if (quotedEnd < 0) return -1;
    if (bytes[quotedEnd] !== delimiter) {
      const fieldEnd = skipPlain(view, quotedEnd, delimiter);
      if (fieldEnd !== quotedEnd) throw new FieldFault(column?.name, afterQuoteMessage(bytes, quotedEnd, fieldEnd));
    }
    if (!column) return quotedEnd;
    const { doubledQuotes } = this.content;
    const textEnd = quotedEnd - 1;
    if (doubledQuotes > 0 && column.strings && !this.#hasNATexts) {
      column.strings[row] = this.#copies.withoutDoubledQuotes(view, start + 1, textEnd - doubledQuotes);
    } else if (doubledQuotes > 0 || !this.#readFast(bytes, start + 1, textEnd, plan)) {
      this.#readText(textOf(bytes, { start: start + 1, end: textEnd, isQuoted: true }), column, row);
    }
    return quotedEnd;
  }

  /** Reads a field without converting its bytes to a string. Returns false if this is not possible. */
  #readFast(bytes: Uint8Array, start: number, end: number, { columnOf, row: { row, field } }: TablePlan): boolean {
    const column = columnOf[field];
    if (this.#hasNATexts || !column) return false;
    const { strings, int64s } = column;
    if (strings) {
      strings[row] =
        start === end
          ? (column.default as Uint8Array)
          : new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
      return true;
    }
    if (int64s) {
      const integer = shortIntegerOf(bytes, start, end);
      if (integer !== undefined) int64s[row] = BigInt(integer);
      return integer !== undefined;
    }
    const bool = column.dtype === 'bool' ? boolOf(bytes, start, end) : undefined;
    if (bool !== undefined) column.numbers[row] = bool;
    return bool !== undefined;
  }

  #readText(text: string, column: ColumnBuilder, row: number): void {
    const isMissing = text === '' || this.#naTexts.has(text);
    const value = isMissing ? column.default : valueOfText(column.dtype, text);
    if (value === undefined) throw isMissing ? missingFault(text, column) : this.#misfit(text, column);
    if (column.strings) column.strings[row] = value as Uint8Array;
    else if (column.int64s) column.int64s[row] = value as bigint;
    else column.numbers[row] = value as number;
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

function missingFault(text: string, { name, dtype }: ColumnBuilder): FieldFault {
  const found =
    text === '' ? 'the field is empty' : `found ${quote(utf8Of(text))}, which means that the value is missing`;
  const value = dtype.startsWith('float') ? 'NaN' : dtype === 'bool' ? 'false' : '-1';
  const column = `${keyOf(name)}: { dtype: '${dtype}', default: ${value} }`;
  return new FieldFault(name, `${found}: declare the value of empty fields, as in columns: { ${column} }`);
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

function afterQuoteMessage(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8Of(textOf(bytes, { start, end, isQuoted: false }));
  return `the text ${quote(text)} follows the closing quote: a quote inside a quoted field must be written twice`;
}
