import type { NDArray } from '../../arrays/ndarray.js';
import { FieldFault, type FieldReader } from './fieldReader.js';
import { countNewlines, skipMark, splitRow, textOf, utf8Of, type RowRules } from './rowSplitter.js';
import { scanNumbers } from './scanNumbers.js';
import { reorder, type TablePlan } from './tablePlan.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The columns of some rows: an array of shape `[rows]` for each column. */
export type Table = Record<string, NDArray>;

/** Called if a row of texts is skipped because it is equal to the header. */
export type OnTextHeader = (names: readonly string[]) => void;

interface RowReaderParts {
  readonly rules: RowRules;
  readonly fields: FieldReader;
  /** The bytes of the header without its line end. `undefined` if the file has no header. */
  readonly header: Uint8Array | undefined;
  readonly onTextHeader: OnTextHeader | undefined;
}

/** Reads rows into the columns of a table. */
export class RowReader {
  #plan: TablePlan;
  readonly #rules: RowRules;
  readonly #fields: FieldReader;
  readonly #header: Uint8Array | undefined;
  readonly #hasOnlyTexts: boolean;
  readonly #onTextHeader: OnTextHeader;

  constructor(plan: TablePlan, { rules, fields, header, onTextHeader = () => undefined }: RowReaderParts) {
    this.#plan = plan;
    this.#rules = rules;
    this.#fields = fields;
    this.#header = header;
    this.#onTextHeader = onTextHeader;
    this.#hasOnlyTexts = plan.columns.every(({ dtype }) => dtype === 'string');
  }

  /** The number of rows in the table. */
  get rows(): number {
    return this.#plan.row.row;
  }

  /** Returns the table, and begins the next one. */
  take(): Table {
    const { columns, row } = this.#plan;
    // Unlike an assignment, this makes a property of a column with the name `__proto__`.
    const table: Table = Object.fromEntries(columns.map((column) => [column.name, column.take(row.row)]));
    row.row = 0;
    return table;
  }

  /**
   * Reads a row, or skips a blank line or a repeated header. A row is a repeated header if it has the names of all
   * columns, and does not fit their dtypes. Texts fit any column of texts. So if all columns are texts, the row must be
   * equal to the header.
   *
   * @param end - the position behind the last newline.
   * @returns the position behind the row, or -1 if a quoted field has no end before `end`.
   * @throws FieldFault if a field cannot be read, or if the number of fields is wrong.
   */
  read(bytes: Uint8Array, at: number, end: number): number {
    const start = skipMark(bytes, at);
    const next = skipBlankLine(bytes, start);
    if (next > 0) return next;
    if (this.#hasOnlyTexts && this.#isHeader(bytes, start)) {
      this.#onTextHeader(this.#plan.names);
      return this.#followHeader(bytes, start, end);
    }
    try {
      return this.#readFields(bytes, start, end);
    } catch (fault) {
      const behind = fault instanceof FieldFault ? this.#followHeader(bytes, start, end) : -1;
      if (behind < 0) throw fault;
      return behind;
    }
  }

  #isHeader(bytes: Uint8Array, start: number): boolean {
    const header = this.#header;
    if (!header || start + header.length > bytes.length) return false;
    for (let at = 0; at < header.length; at++) if (bytes[start + at] !== header[at]) return false;
    return skipBlankLine(bytes, start + header.length) > 0;
  }

  #readFields(bytes: Uint8Array, start: number, end: number): number {
    const { row, columnOf } = this.#plan;
    row.field = 0;
    let at = start;
    for (;;) {
      at = scanNumbers(bytes, at, row);
      if (row.field === columnOf.length) break;
      at = this.#fields.read(bytes, at, end, this.#plan);
      if (at < 0) return -1;
      const isLast = ++row.field === columnOf.length;
      const byte = bytes[at] as number;
      if (isLast === (byte === this.#rules.delimiter)) throw this.#wrongCount(bytes, start, end);
      at += byte === CARRIAGE_RETURN ? 2 : 1;
      if (isLast) break;
    }
    row.row++;
    return at;
  }

  #wrongCount(bytes: Uint8Array, at: number, end: number): FieldFault {
    const found = splitRow(bytes, at, end, this.#rules)?.fields.length ?? 0;
    const { length } = this.#plan.names;
    const text = Buffer.from(bytes.subarray(at, end)).toString('latin1').split('\n', 1)[0] ?? '';
    const other = [';', '\t', '|', ','].find((delimiter) => length > 1 && text.split(delimiter).length === length);
    const remedy = other === undefined ? '' : `: the fields seem to be separated by ${JSON.stringify(other)}`;
    return new FieldFault(undefined, `expected ${length} fields, found ${found}${remedy}`);
  }

  #followHeader(bytes: Uint8Array, at: number, end: number): number {
    const row = this.#header && splitRow(bytes, at, end, this.#rules);
    const texts = row?.fields.map((field) => textOf(bytes, field));
    const names = texts && headerOf(texts, this.#plan.names);
    if (!row || !names) return -1;
    this.#fields.newlines = countNewlines(bytes, at, row.next) - 1;
    this.#plan = reorder(this.#plan, names);
    return row.next;
  }
}

/** Returns the names in the order of a row that is a header. Returns `undefined` if the row is not a header. */
export function headerOf(texts: readonly string[], names: readonly string[]): readonly string[] | undefined {
  if (texts.length !== names.length) return undefined;
  const found = texts.map(utf8Of);
  const known = new Set(names);
  const isHeader = new Set(found).size === names.length && found.every((name) => known.has(name));
  return isHeader ? found : undefined;
}

/** Returns the position behind a blank line, or -1 if the line is not blank. */
export function skipBlankLine(bytes: Uint8Array, at: number): number {
  if (bytes[at] === NEWLINE) return at + 1;
  return bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === NEWLINE ? at + 2 : -1;
}
