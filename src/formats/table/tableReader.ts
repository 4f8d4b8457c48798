import { FormatError, type FormatErrorKind } from '../../base/errors.js';
import { requireBytes } from '../../base/requireBytes.js';
import { quote } from '../../base/showValue.js';
import type { FormatReader, OnBadRecord } from '../framing/formatDefinition.js';
import { compressionOfText } from '../framing/lookOf.js';
import { utf16MarkOf } from '../framing/signedFormat.js';
import { tooLargeMessage } from '../framing/recordLimits.js';
import { FieldFault, FieldReader } from './fieldReader.js';
import { readHeadTexts, type TextsByColumn } from './headTexts.js';
import { RowReader, skipBlankLine, type OnTextHeader, type Table } from './rowReader.js';
import { countNewlines, skipMark, splitRow, textOf, utf8Of, type RowRules } from './rowSplitter.js';
import { TableBytes } from './tableBytes.js';
import { planTable, type KnownDTypes } from './tablePlan.js';
import type { CheckedTableOptions } from './tableOptions.js';

const CARRIAGE_RETURN = 0x0d;

/** Reads tables from the bytes of one CSV file, or of several files that follow one another. */
export class TableReader implements FormatReader<Table> {
  readonly #options: CheckedTableOptions;
  readonly #known: KnownDTypes;
  readonly #onBadRecord: OnBadRecord | undefined;
  readonly #onTextHeader: OnTextHeader | undefined;
  readonly #batchSize: number;
  readonly #rules: RowRules;
  readonly #fields: FieldReader;
  readonly #input: TableBytes;
  #reader: RowReader | undefined;
  /** The number of complete rows when the last attempt to infer dtypes failed. */
  #headRows = 0;
  #isStarted = false;
  #isEnded = false;
  /** The number of rows before the next row, including bad rows. */
  #rowIndex = 0;
  /** The number of lines before the next row. */
  #lines = 0;

  /** @param known - the dtypes of the columns of earlier files. This reader adds the dtypes that it infers. */
  constructor(
    options: CheckedTableOptions,
    known: KnownDTypes,
    onBadRecord?: OnBadRecord,
    onTextHeader?: OnTextHeader,
  ) {
    this.#onTextHeader = onTextHeader;
    this.#options = options;
    this.#batchSize = options.batchSize;
    this.#known = known;
    this.#onBadRecord = onBadRecord;
    this.#rules = { delimiter: options.delimiter.charCodeAt(0), quotes: options.quotes };
    this.#fields = new FieldReader(options, this.#rules);
    this.#input = new TableBytes(options.maxRecordBytes);
  }

  get keepsChunks(): boolean {
    return this.#reader?.hasTexts ?? true;
  }

  push(chunk: Uint8Array): void {
    requireBytes('TableReader.push', chunk);
    this.#input.push(chunk);
  }

  read(): Table | undefined {
    for (;;) {
      this.#reader ??= this.#readHead();
      const table = this.#reader && this.#readRows(this.#reader);
      if (table) return table;
      if (this.#input.more()) continue;
      const { carriedBytes } = this.#input;
      const { maxRecordBytes } = this.#options;
      if (carriedBytes > (this.#reader ? maxRecordBytes : this.#headLimit())) this.#refuseLength();
      if (this.#isEnded && carriedBytes > 0) this.#endInQuotes(carriedBytes);
      return this.#isEnded && this.#reader && this.#reader.rows > 0 ? this.#reader.take() : undefined;
    }
  }

  #endInQuotes(byteLength: number): void {
    const error = this.#error('truncated', 'the input ends inside a quoted field: a closing quote may be missing');
    if (!this.#onBadRecord || !this.#reader) throw error;
    this.#onBadRecord(error, byteLength);
    this.#input.drop();
  }

  /**
   * The maximum number of bytes before the dtypes are inferred. The reader tries again when the bytes have doubled, so
   * the limit is about twice the maximum size of the header, the complete rows and one more row.
   */
  #headLimit(): number {
    return (2 * this.#headRows + 3) * this.#options.maxRecordBytes;
  }

  finish(): void {
    this.#isEnded = true;
    this.#input.finish();
  }

  end(): Table | undefined {
    this.finish();
    return this.read();
  }

  #readRows(reader: RowReader): Table | undefined {
    const { end } = this.#input;
    while (this.#input.at < end) {
      const { at } = this.#input;
      const { rows } = reader;
      this.#fields.content.newlines = 0;
      const next = this.#readRow(reader, at);
      if (next < 0) return undefined;
      // A row in one chunk must have the same limit as a row in several chunks.
      if (next - at > this.#options.maxRecordBytes) this.#refuseLength();
      this.#input.moveTo(next);
      this.#lines += 1 + this.#fields.content.newlines;
      if (reader.rows > rows) this.#rowIndex++;
      if (reader.rows === this.#batchSize) return reader.take();
    }
    return undefined;
  }

  #refuseLength(): never {
    const limit = tooLargeMessage('a row', this.#options.maxRecordBytes);
    throw this.#error('tooLarge', `${limit}; check that each quoted field has a closing quote`);
  }

  #readRow(reader: RowReader, at: number): number {
    const { bytes, end } = this.#input;
    try {
      return reader.read(this.#input, at);
    } catch (fault) {
      if (!(fault instanceof FieldFault)) throw fault;
      const row = splitRow(bytes, at, end, this.#rules);
      if (!row) return -1;
      const text = quote(
        Buffer.from(bytes.subarray(at, row.next))
          .toString('utf8')
          .replace(/\r?\n$/, ''),
      );
      const column = fault.column === undefined ? '' : `column ${quote(fault.column)}: `;
      const error = this.#error('malformed', `${column}${fault.message}; the row is ${text}`);
      if (!this.#onBadRecord || fault.isTooNarrow) throw error;
      this.#onBadRecord(error, row.next - at);
      this.#rowIndex++;
      this.#fields.content.newlines = countNewlines(bytes, at, row.next) - 1;
      return row.next;
    }
  }

  /** Returns `undefined` if more rows are needed. */
  #readHead(): RowReader | undefined {
    if (this.#input.end === 0) return undefined;
    if (!this.#isStarted) this.#readStart();
    this.#skipBlankLines();
    const { bytes, at, end } = this.#input;
    if (at === end) return undefined;
    const { columnNames } = this.#options;
    const header = columnNames ? undefined : splitRow(bytes, at, end, this.#rules);
    const names = columnNames ?? header?.fields.map((field) => utf8Of(textOf(bytes, field)));
    if (header?.fields.some((field) => !field.isQuoted && textOf(bytes, field).includes('\r'))) {
      throw this.#error('malformed', 'the lines end with CR, without LF: save the file with LF or CRLF line ends');
    }
    const texts = names && this.#textsOfRows(names, header?.next ?? at);
    if (!texts) return undefined;
    const fail = (message: string): never => {
      throw this.#error('malformed', message);
    };
    const textsOf = (name: string) => texts.get(name) ?? [];
    const plan = planTable({ names, options: this.#options, known: this.#known, textsOf, fail });
    const parts = { rules: this.#rules, fields: this.#fields, onTextHeader: this.#onTextHeader };
    if (!header) return new RowReader(plan, { ...parts, header: undefined });
    this.#lines += countNewlines(bytes, at, header.next);
    this.#input.moveTo(header.next);
    const length = header.next - (bytes[header.next - 2] === CARRIAGE_RETURN ? 2 : 1);
    return new RowReader(plan, { ...parts, header: bytes.slice(at, length) });
  }

  #readStart(): void {
    const { bytes } = this.#input;
    const compression = compressionOfText(bytes);
    if (compression) {
      throw this.#error('malformed', `expected text, found ${compression.name} (compressed): ${compression.remedy}`);
    }
    if (utf16MarkOf(bytes)) throw this.#error('malformed', 'expected UTF-8, found UTF-16: save the file as UTF-8');
    this.#input.moveTo(skipMark(bytes, 0));
    this.#isStarted = true;
  }

  #skipBlankLines(): void {
    const { bytes, end } = this.#input;
    for (;;) {
      const next = this.#input.at < end ? skipBlankLine(bytes, this.#input.at) : -1;
      if (next < 0) return;
      this.#lines++;
      this.#input.moveTo(next);
    }
  }

  /** Returns the texts of each column in the first rows. Returns `undefined` if more bytes are needed. */
  #textsOfRows(names: readonly string[], start: number): TextsByColumn | undefined {
    const { columns, select, inferRows } = this.#options;
    const isKnown = (name: string) => Object.hasOwn(columns, name) || this.#known.has(name);
    const wanted = (select ?? names).every(isKnown) ? 0 : inferRows;
    const { bytes, end } = this.#input;
    const { texts, rows } = readHeadTexts(bytes.subarray(start, end), wanted, {
      names,
      options: this.#options,
      rules: this.#rules,
    });
    this.#headRows = rows;
    return rows === wanted || this.#isEnded ? texts : undefined;
  }

  #error(kind: FormatErrorKind, message: string): FormatError {
    const position = { byteOffset: this.#input.byteOffset, recordIndex: this.#rowIndex };
    return new FormatError(`line ${this.#lines + 1}: ${message}`, { kind, format: 'CSV', ...position });
  }
}
