import { CSV_VALUE_READERS } from '../../formats/csv/csvValue.js';
import { splitCsvLine } from '../../formats/csv/splitCsvLine.js';
import type { CsvColumn } from '../../formats/csv/csvParser.js';
import { dtypeOf, EMPTY, isNumeric, STRING } from './csvField.js';
import { readCsvLine, type LineColumns } from './csvLine.js';

/** Fields that mark a missing value. In the first line, they are not column names. */
const MISSING = /^\s*(?:na|n\/a|nan|null|none|nil|missing|[-?.]*)\s*$/i;
const ALL_DTYPES = EMPTY - 1;

interface Column {
  /** The dtypes that can represent all fields without loss. */
  dtypes: number;
  hasValues: boolean;
  hasEmpty: boolean;
}

/** The facts about the columns. */
export interface FoundColumns {
  readonly recordDefaults: readonly CsvColumn[];
  readonly header: readonly string[] | undefined;
  readonly remarks: readonly string[];
}

/** Finds the dtypes of CSV columns, and whether the first line is a header. */
export class ColumnSurvey {
  readonly #delimiter: number;
  readonly #columns: readonly Column[];
  readonly #line: LineColumns = { count: 0, dtypes: [] };
  #first: Uint8Array | undefined;

  constructor(delimiter: number, columns: number) {
    this.#delimiter = delimiter;
    this.#columns = Array.from({ length: columns }, () => ({ dtypes: ALL_DTYPES, hasValues: false, hasEmpty: false }));
  }

  /**
   * Examines the next line, which must not be empty.
   *
   * @returns its number of columns if this number differs; -1 if the line is not CSV; else `undefined`.
   */
  add(line: Uint8Array, isFirstOfFile: boolean): number | undefined {
    const isCsv = readCsvLine(line, this.#delimiter, { line: this.#line, isText: this.#isText });
    if (!isCsv || this.#line.count !== this.#columns.length) return isCsv ? this.#line.count : -1;
    if (isFirstOfFile && !this.#first) {
      this.#first = Uint8Array.from(line);
      return undefined;
    }
    // The files of a data set begin with the same header.
    if (isFirstOfFile && this.#first && Buffer.compare(line, this.#first) === 0) return undefined;
    this.#merge(this.#line);
    return undefined;
  }

  /** Returns the result. Call it only once. */
  result(): FoundColumns {
    const names = this.#first && this.#fieldsOf(this.#first);
    const header = names && this.#isHeader(names) ? names : undefined;
    const areAllText = this.#columns.every(({ dtypes }) => !isNumeric(dtypes));
    if (!header && this.#first) {
      readCsvLine(this.#first, this.#delimiter, { line: this.#line, isText: () => false });
      this.#merge(this.#line);
    }
    const remarks = this.#columns.flatMap(({ hasValues }, index) => {
      const name = header?.[index] === undefined ? '' : `, ${JSON.stringify(header[index])},`;
      return hasValues ? [] : [`column ${index}${name} has no value in any line`];
    });
    if (areAllText && names) remarks.push('all columns are text, so the first line may be a header');
    return { recordDefaults: this.#columns.map(defaultOf), header, remarks };
  }

  readonly #isText = (column: number): boolean => this.#columns[column]?.dtypes === STRING;

  #merge({ count, dtypes }: LineColumns): void {
    for (let index = 0; index < count; index++) {
      const column = this.#columns[index];
      const found = dtypes[index] ?? EMPTY;
      if (!column) return;
      if (found === EMPTY) column.hasEmpty = true;
      else {
        column.hasValues = true;
        column.dtypes &= found;
      }
    }
  }

  /** Whether the first field of a column of numbers is text, and no two columns have the same name. */
  #isHeader(names: readonly string[]): boolean {
    const filled = names.filter((name) => name !== '');
    const isName = (name: string): boolean =>
      !MISSING.test(name) && CSV_VALUE_READERS.float64(name, 'utf8') === undefined;
    const isAbove = names.some((name, index) => {
      const column = this.#columns[index];
      return column?.hasValues === true && isNumeric(column.dtypes) && isName(name);
    });
    return isAbove && new Set(filled).size === filled.length;
  }

  #fieldsOf(line: Uint8Array): string[] {
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8');
    const rules = { delimiter: this.#delimiter, useQuoteDelim: true, selectCols: undefined };
    return splitCsvLine(text, rules, (message) => {
      throw new TypeError(message);
    }).map((field) => field.text);
  }
}

function defaultOf({ dtypes, hasValues, hasEmpty }: Column): CsvColumn {
  const dtype = hasValues ? dtypeOf(dtypes) : 'string';
  return hasEmpty ? { dtype, default: dtype === 'string' ? '' : 0 } : dtype;
}
