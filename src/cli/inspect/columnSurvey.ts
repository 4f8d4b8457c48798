import { quote } from '../../base/showValue.js';
import type { CsvColumn } from '../../formats/csv/csvParser.js';
import { CSV_VALUE_READERS } from '../../formats/csv/csvValue.js';
import { splitCsvLine } from '../../formats/csv/splitCsvLine.js';
import { ColumnFacts, MISSING, type FirstField } from './columnFacts.js';
import { readCsvLine, type LineColumns } from './csvLine.js';
import { EMPTY } from './csvField.js';
import { firstRemarks, grouped } from './shares.js';

export interface FoundColumns {
  readonly recordDefaults: readonly CsvColumn[];
  readonly header: readonly string[] | undefined;
  /**
   * The number of lines up to and including the header. `undefined` if there is no header, or if this number differs
   * between the files.
   */
  readonly skipLines: number | undefined;
  /** Like `skipLines`, but blank lines do not count. */
  readonly skipFilled: number | undefined;
  readonly remarks: readonly string[];
  /** True if the proposed dtypes fail on some lines. */
  readonly hasOddText: boolean;
}

/** `place` returns the name of the line for messages. */
export interface PlacedLine {
  readonly line: Uint8Array;
  readonly file: number;
  readonly indexInFile: number;
  readonly place: () => string;
}

/** Finds the dtypes of CSV columns, and whether the first line with these columns is a header. */
export class ColumnSurvey {
  readonly #delimiter: number;
  readonly #columns: readonly ColumnFacts[];
  readonly #scratch: LineColumns = { count: 0, dtypes: [] };
  #first: PlacedLine | undefined;
  /** The number of lines before the first header, without blank lines. */
  #filledBeforeFirst = 0;
  /** The same number for the current file. */
  #filledBefore = { file: -1, lines: 0 };
  /** The last file whose first line was found. */
  #file = -1;
  /** The first header whose line number differs from that of the header in the first file. */
  #firstShifted: string | undefined;
  /** Like `#firstShifted`, but blank lines do not count. */
  #firstFilledShifted: string | undefined;
  /** The number of files whose first line differs from that of the first file. */
  #otherFirsts = 0;
  #firstOther: string | undefined;

  constructor(delimiter: number, columns: number) {
    this.#delimiter = delimiter;
    this.#columns = Array.from({ length: columns }, () => new ColumnFacts());
  }

  /**
   * @param line - must not be empty.
   * @returns the number of the line's columns if it is not the usual number, -1 if the line is not CSV, otherwise
   *   `undefined`.
   */
  add(line: PlacedLine): number | undefined {
    const isCsv = readCsvLine(line.line, this.#delimiter, { line: this.#scratch, isText: this.#isText });
    if (this.#filledBefore.file !== line.file) this.#filledBefore = { file: line.file, lines: 0 };
    if (!isCsv || this.#scratch.count !== this.#columns.length) {
      this.#filledBefore.lines++;
      return isCsv ? this.#scratch.count : -1;
    }
    if (this.isBeforeColumns(line)) {
      this.#file = line.file;
      if (this.#isLikeFirst(line)) return undefined;
    }
    this.#merge(line);
    return undefined;
  }

  /** True until a line of the file has the usual number of columns. */
  isBeforeColumns({ file }: PlacedLine): boolean {
    return file !== this.#file;
  }

  /**
   * True for the first line, and for equal first lines of later files: all files of a data set start with the same
   * header.
   */
  #isLikeFirst(line: PlacedLine): boolean {
    if (!this.#first) {
      this.#first = { ...line, line: Uint8Array.from(line.line) };
      this.#filledBeforeFirst = this.#filledBefore.lines;
      return true;
    }
    if (Buffer.compare(line.line, this.#first.line) !== 0) {
      this.#otherFirsts++;
      this.#firstOther ??= line.place();
      return false;
    }
    if (line.indexInFile !== this.#first.indexInFile) this.#firstShifted ??= line.place();
    if (this.#filledBefore.lines !== this.#filledBeforeFirst) this.#firstFilledShifted ??= line.place();
    return true;
  }

  /** Returns the columns. Call this only once. */
  result(): FoundColumns {
    const names = this.#first && this.#fieldsOf(this.#first.line);
    const header = names && this.#isHeader(names) ? names : undefined;
    const linesToHeader = (this.#first?.indexInFile ?? 0) + 1;
    const skipLines = header && this.#firstShifted === undefined ? linesToHeader : undefined;
    const skipFilled = header && this.#firstFilledShifted === undefined ? this.#filledBeforeFirst + 1 : undefined;
    const areAllText = this.#columns.every(({ dtype }) => dtype === 'string');
    if (!header && this.#first) {
      readCsvLine(this.#first.line, this.#delimiter, { line: this.#scratch, isText: () => false });
      this.#merge(this.#first, true);
    }
    const columnRemarks = this.#columns.flatMap((column, index) => column.remarks(labelOf(header, index)));
    const remarks = firstRemarks(columnRemarks, 'columns');
    if (header && this.#firstOther !== undefined) {
      const files = this.#otherFirsts === 1 ? '1 file does' : `${grouped(this.#otherFirsts)} files do`;
      remarks.push(
        `${files} not begin with this header, so { skipLines: ${linesToHeader} } would leave out data: ` +
          `see ${this.#firstOther}`,
      );
    }
    if (header && this.#firstShifted !== undefined) remarks.push(this.#shiftRemark(this.#firstShifted));
    if (areAllText && names && !header) remarks.push('all columns are text, so the first line may be a header');
    const hasOddText = this.#columns.some((column) => column.hasOddText);
    return { recordDefaults: this.#columns.map(defaultOf), header, skipLines, skipFilled, remarks, hasOddText };
  }

  #shiftRemark(firstShifted: string): string {
    const fault = 'the files have different numbers of lines before the header, so no';
    return this.#firstFilledShifted === undefined
      ? `${fault} value of "skipLines" fits all files: see ${firstShifted}`
      : `${fault} code reads all of them: see ${this.#firstFilledShifted}. Remove the lines before the header, or inspect and read these files separately`;
  }

  readonly #isText = (column: number): boolean => this.#columns[column]?.isText === true;

  #merge({ line, place }: PlacedLine, isFirst = false): void {
    const { count, dtypes } = this.#scratch;
    let index = 0;
    // One function for all fields of a line, because for most lines the function is never called.
    const show = (): FirstField => ({ line: place(), text: this.#fieldsOf(line)[index] ?? '' });
    for (; index < count; index++) this.#columns[index]?.add(dtypes[index] ?? EMPTY, show, isFirst);
  }

  /** The first line is a header if it has text in a numeric column, and no two fields are equal. */
  #isHeader(names: readonly string[]): boolean {
    const filled = names.filter((name) => name !== '');
    const isName = (name: string): boolean =>
      !MISSING.test(name) && CSV_VALUE_READERS.float64(name, 'utf8') === undefined;
    const isAbove = names.some((name, index) => this.#columns[index]?.isBelowName === true && isName(name));
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

/** A column without a name is shown by its number, from 1. */
function labelOf(header: readonly string[] | undefined, index: number): string {
  const name = header?.[index] ?? '';
  return name === '' ? `column ${index + 1}` : `column ${quote(name)}`;
}

function defaultOf({ dtype, hasEmpty }: ColumnFacts): CsvColumn {
  return hasEmpty ? { dtype, default: dtype === 'string' ? '' : 0 } : dtype;
}
