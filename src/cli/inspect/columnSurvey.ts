import { splitCsvLine } from '../../formats/csv/splitCsvLine.js';
import type { TableColumn } from '../../formats/table/tableOptions.js';
import { ColumnFacts, type FirstField } from './columnFacts.js';
import { isName, isTextName, columnLabel, MAY_BE_DATA, MAY_BE_HEADER } from './columnNames.js';
import { EMPTY } from './csvField.js';
import { readCsvLine, type LineColumns } from './csvLine.js';
import { quote } from '../../base/showValue.js';
import { FirstLines, type FirstLine } from './firstLines.js';
import { RowSizes } from './rowSizes.js';
import type { PlacedLine } from './content.js';
import { firstRemarks } from './shares.js';
import { DataSketch, type SketchedRecords } from './sketch/dataSketch.js';

export interface FoundColumns {
  readonly decoder: 'decodeTable' | 'decodeCsv';
  readonly columns: readonly TableColumn[];
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
  readonly rows: RowSizes;
}

/** If a text of the first line occurs again in these lines, the first line is not a header. */
const COMPARED_LINES = 1000;

/** Finds the dtypes of CSV columns, and whether the first line with the usual number of columns is a header. */
export class ColumnSurvey {
  readonly #delimiter: number;
  readonly #columns: readonly ColumnFacts[];
  readonly #scratch: LineColumns = { count: 0, dtypes: [] };
  readonly #firstLines = new FirstLines();
  readonly #rows = new RowSizes();
  #first: PlacedLine | undefined;
  #file = -1;
  /** True if the current file has had a line with the usual number of columns. */
  #hasColumns = false;
  /** The first line of a file in which no line has the usual number of columns. */
  #oddFirst: Pick<FirstLine, 'fields' | 'place'> | undefined;
  /** The column of each field, if the columns of the current file have a different order. */
  #order: readonly number[] | undefined;
  #comparedLines = 0;
  #isFirstRepeated = false;
  #header: readonly string[] | undefined;
  /** The names of the features are the indices of the columns. */
  readonly #sketch = new DataSketch();

  constructor(delimiter: number, columns: number) {
    this.#delimiter = delimiter;
    this.#columns = Array.from({ length: columns }, () => new ColumnFacts());
  }

  /**
   * @param line - must not be empty.
   * @returns `undefined` if the line has the usual number of columns. Otherwise, the number of columns of the line, or
   *   -1 if the line is not CSV.
   */
  add(line: PlacedLine): number | undefined {
    if (line.file !== this.#file) this.#beginFile(line.file);
    const isCsv = readCsvLine(line.line, this.#delimiter, { line: this.#scratch, isText: this.#isText });
    if (!isCsv || this.#scratch.count !== this.#columns.length) {
      if (isCsv && !this.#hasColumns && this.#rows.above === 0) {
        this.#oddFirst = { fields: this.#fieldsOf(line.line), place: line.place() };
      }
      this.#rows.addOdd(line.line.length, !this.#hasColumns);
      return isCsv ? this.#scratch.count : -1;
    }
    if (!this.#hasColumns && this.#beginColumns(line)) this.#rows.addHead(line.line.length);
    else this.#merge(line);
    return undefined;
  }

  get isBeforeColumns(): boolean {
    return !this.#hasColumns;
  }

  #beginFile(file: number): void {
    if (this.#oddFirst && this.#first) this.#firstLines.addOther(this.#oddFirst);
    this.#oddFirst = undefined;
    this.#file = file;
    this.#hasColumns = false;
    this.#rows.endFile();
    this.#order = undefined;
  }

  /**
   * Returns true if the line may be a header: its fields are the fields of the first file's first line, or all fields
   * of both lines may be names.
   */
  #beginColumns(line: PlacedLine): boolean {
    this.#hasColumns = true;
    this.#oddFirst = undefined;
    this.#first ??= { ...line, line: Uint8Array.from(line.line) };
    const fields = this.#fieldsOf(line.line);
    const areNames = fields.every((name) => name === '' || isName(name));
    const [indexInFile, filledAbove] = [line.indexInFile, this.#rows.above];
    const order = this.#firstLines.add({ fields, indexInFile, filledAbove, place: line.place(), areNames });
    if (order?.some((column, at) => column !== at)) this.#order = order;
    const isHead = order !== undefined || (areNames && this.#firstLines.beginWithNames);
    this.#rows.beginColumns(isHead);
    return isHead;
  }

  /** Call this only once. */
  result(): FoundColumns {
    this.#beginFile(-1);
    const header = (this.#header = this.#headerOf());
    const repeated = !header && this.#isAboveNumbers ? this.#repeatedName : undefined;
    const { skipFilled, skipLines, areAlike } = this.#firstLines;
    if (!header && this.#first) {
      readCsvLine(this.#first.line, this.#delimiter, { line: this.#scratch, isText: () => false });
      this.#order = undefined;
      this.#merge(this.#first, true);
      this.#rows.addHeads();
    }
    const isTable = !header || (skipFilled === 1 && new Set(header).size === header.length);
    const decoder = isTable ? 'decodeTable' : 'decodeCsv';
    const naOption = (text: string): string => (isTable ? `naValues: [${text}]` : `naValue: ${text}`);
    const columnRemarks = this.#columns.flatMap((column, index) =>
      column.remarks(columnLabel(header, index), naOption),
    );
    const remarks = firstRemarks(columnRemarks, 'columns');
    if (header) remarks.push(...this.#firstLines.remarks(decoder));
    if (header && !this.#isAboveNumbers && !areAlike) remarks.push(MAY_BE_DATA);
    if (repeated !== undefined) {
      remarks.push(`the first line is not a header, because the name ${quote(repeated)} occurs twice: rename a column`);
    }
    if (!header && this.#areAllText && this.#mayHaveNames) remarks.push(MAY_BE_HEADER);
    return {
      decoder,
      columns: this.#columns.map(({ column }) => column),
      header,
      skipLines: header && skipLines,
      skipFilled: header && skipFilled,
      remarks,
      hasOddText: this.#columns.some((column) => column.hasOddText),
      rows: this.#rows,
    };
  }

  /** Call this after `result`. */
  sketched(): SketchedRecords {
    return this.#sketch.sketched((index) => {
      const [name = '', type = 'string'] = [this.#header?.[Number(index)], this.#columns[Number(index)]?.dtype];
      return { name: name === '' ? `column ${Number(index) + 1}` : name, type, isText: type === 'string' };
    });
  }

  readonly #isText = (field: number): boolean => this.#columns[this.#columnOf(field)]?.isText === true;

  #columnOf(field: number): number {
    return this.#order?.[field] ?? field;
  }

  #merge({ line, place, isSketched }: PlacedLine, isFirst = false): void {
    const { count, dtypes } = this.#scratch;
    let index = 0;
    // One function for all fields of a line, because it is not called for most lines.
    const show = (): FirstField => ({ line: place(), text: this.#fieldsOf(line)[index] ?? '' });
    for (; index < count; index++) this.#columns[this.#columnOf(index)]?.add(dtypes[index] ?? EMPTY, show, isFirst);
    if (!isFirst) this.#rows.rows.add(line.length);
    if (isSketched) {
      this.#rows.sketched.add(line.length);
      this.#sketch.records++;
      for (const [at, text] of this.#fieldsOf(line).entries()) this.#sketch.of(`${this.#columnOf(at)}`)?.addField(text);
    }
    if (!isFirst && this.#comparedLines++ < COMPARED_LINES) this.#compareWithFirst(this.#fieldsOf(line));
  }

  #compareWithFirst(fields: readonly string[]): void {
    const first = this.#firstLines.fields ?? [];
    this.#isFirstRepeated ||= fields.some((text, at) => text !== '' && text === first[this.#columnOf(at)]);
  }

  get #areAllText(): boolean {
    return this.#columns.every(({ dtype }) => dtype === 'string');
  }

  /** True if the first line's fields may be the names of columns of text. */
  get #mayHaveNames(): boolean {
    const { fields = [] } = this.#firstLines;
    return !this.#isFirstRepeated && fields.every(isTextName) && new Set(fields).size === fields.length;
  }

  get #repeatedName(): string | undefined {
    const filled = (this.#firstLines.fields ?? []).filter((name) => name !== '');
    return filled.find((name, index) => filled.indexOf(name) < index);
  }

  get #isAboveNumbers(): boolean {
    const { fields = [] } = this.#firstLines;
    return fields.some((name, index) => this.#columns[index]?.isBelowName === true && isName(name));
  }

  /**
   * The first line is a header if it has text in a column of numbers, and no two fields are equal. If all columns are
   * text, the first line is a header if all its fields may be names, no name occurs again in its column, and all files
   * begin with the same names.
   */
  #headerOf(): readonly string[] | undefined {
    const { fields = [], haveOthers } = this.#firstLines;
    if (this.#isAboveNumbers && this.#repeatedName === undefined) return fields;
    return this.#areAllText && this.#mayHaveNames && !haveOthers ? fields : undefined;
  }

  #fieldsOf(line: Uint8Array): string[] {
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8');
    const rules = { delimiter: this.#delimiter, useQuoteDelim: true, selectCols: undefined };
    return splitCsvLine(text, rules, (message) => {
      throw new TypeError(message);
    }).map((field) => field.text);
  }
}
