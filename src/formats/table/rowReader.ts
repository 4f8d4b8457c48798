import { markBatch } from '../../arrays/batches.js';
import type { NDArray } from '../../arrays/ndarray.js';
import { FieldFault, type FieldReader } from './fieldReader.js';
import { countNewlines, skipMark, splitRow, textOf, utf8Of, type RowBytes, type RowRules } from './rowSplitter.js';
import { INT32_KIND, scanNumbers } from './scanNumbers.js';
import { reorder, type TablePlan } from './tablePlan.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A table: one array of shape `[rows]` for each column. */
export type Table = Record<string, NDArray>;

/** Called if all columns are strings and a row is skipped because it is equal to the header. */
export type OnTextHeader = (names: readonly string[]) => void;

interface RowReaderParts {
  readonly rules: RowRules;
  readonly fields: FieldReader;
  /** The bytes of the header without its line end. `undefined` if the file has no header. */
  readonly header: Uint8Array | undefined;
  readonly onTextHeader: OnTextHeader | undefined;
}

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

  get hasTexts(): boolean {
    return this.#plan.columns.some(({ dtype }) => dtype === 'string');
  }

  get rows(): number {
    return this.#plan.row.row;
  }

  /** Returns the table, and begins the next one. */
  take(): Table {
    const { columns, row } = this.#plan;
    const shape = [row.row] as const;
    // Unlike an assignment, `fromEntries` also creates a property with the name `__proto__`.
    const table: Table = Object.fromEntries(columns.map((column) => [column.name, column.take(shape)]));
    row.row = 0;
    return markBatch('decodeTable', table);
  }

  /**
   * Reads a row, or skips a blank line or a repeated header, as `decodeTable` describes.
   *
   * @returns the position of the next row, or -1 if a quoted field has no end before `end`.
   * @throws FieldFault if a field cannot be read, or if the number of fields is wrong.
   */
  read(input: RowBytes, rowStart: number): number {
    const { bytes, end } = input;
    const start = skipMark(bytes, rowStart);
    const afterBlank = skipBlankLine(bytes, start);
    if (afterBlank > 0) return afterBlank;
    if (this.#hasOnlyTexts && this.#isHeader(bytes, start)) {
      this.#onTextHeader(this.#plan.names);
      return this.#followHeader(bytes, start, end);
    }
    try {
      return this.#readFields(input, start);
    } catch (fault) {
      const afterHeader = fault instanceof FieldFault ? this.#followHeader(bytes, start, end) : -1;
      if (afterHeader < 0) throw fault;
      return afterHeader;
    }
  }

  #isHeader(bytes: Uint8Array, start: number): boolean {
    const header = this.#header;
    if (!header || start + header.length > bytes.length) return false;
    for (let index = 0; index < header.length; index++) if (bytes[start + index] !== header[index]) return false;
    return skipBlankLine(bytes, start + header.length) > 0;
  }

  #readFields(input: RowBytes, start: number): number {
    const { bytes, view } = input;
    const { row, columnOf } = this.#plan;
    const { delimiter } = this.#rules;
    const { length } = columnOf;
    row.field = 0;
    let fieldStart = start;
    for (;;) {
      if ((row.kinds[row.field] as number) <= INT32_KIND) {
        fieldStart = scanNumbers(bytes, view, fieldStart, row);
        if (row.field === length) break;
      }
      const fieldEnd = this.#fields.read(input, fieldStart, this.#plan);
      if (fieldEnd < 0) return -1;
      const isLast = ++row.field === length;
      const byte = bytes[fieldEnd] as number;
      if (isLast === (byte === delimiter)) throw this.#wrongCount(bytes, start, input.end);
      fieldStart = fieldEnd + (byte === CARRIAGE_RETURN ? 2 : 1);
      if (isLast) break;
    }
    row.row++;
    return fieldStart;
  }

  #wrongCount(bytes: Uint8Array, start: number, end: number): FieldFault {
    const found = splitRow(bytes, start, end, this.#rules)?.fields.length ?? 0;
    const { length } = this.#plan.names;
    const text = Buffer.from(bytes.subarray(start, end)).toString('latin1').split('\n', 1)[0] ?? '';
    const other = [';', '\t', '|', ','].find((delimiter) => length > 1 && text.split(delimiter).length === length);
    const remedy = other === undefined ? '' : `: the fields seem to be separated by ${JSON.stringify(other)}`;
    return new FieldFault(undefined, `expected ${length} fields, found ${found}${remedy}`);
  }

  #followHeader(bytes: Uint8Array, start: number, end: number): number {
    const row = this.#header && splitRow(bytes, start, end, this.#rules);
    const texts = row?.fields.map((field) => textOf(bytes, field));
    const names = texts && headerOf(texts, this.#plan.names);
    if (!row || !names) return -1;
    this.#fields.content.newlines = countNewlines(bytes, start, row.next) - 1;
    this.#plan = reorder(this.#plan, names);
    return row.next;
  }
}

/** Returns the names in the order of the row. Returns `undefined` if the row is not a permutation of the names. */
export function headerOf(texts: readonly string[], names: readonly string[]): readonly string[] | undefined {
  if (texts.length !== names.length) return undefined;
  const found = texts.map(utf8Of);
  const known = new Set(names);
  const isHeader = new Set(found).size === names.length && found.every((name) => known.has(name));
  return isHeader ? found : undefined;
}

/** Returns the position after a blank line, or -1 if the line is not blank. */
export function skipBlankLine(bytes: Uint8Array, start: number): number {
  if (bytes[start] === NEWLINE) return start + 1;
  return bytes[start] === CARRIAGE_RETURN && bytes[start + 1] === NEWLINE ? start + 2 : -1;
}
