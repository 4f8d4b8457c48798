import { linePlace, type Content, type ContentResult, type RecordPosition } from './content.js';
import { DataSketch, type SketchedRecords } from './sketch/dataSketch.js';
import { CsvGuess, type FoundCsv } from './csvGuess.js';
import { csvProposal } from './csvProposal.js';
import { describeLine } from './describeValue.js';
import { JsonFields } from './jsonFields.js';
import { LibsvmGuess } from './libsvmGuess.js';
import { countOf, grouped } from '../../base/grouped.js';

/** These lines determine whether the input is JSON. */
const SAMPLE_LINES = 100;
/** The maximum number of lines up to the header. */
const START_LINES = 100;

/**
 * Lines are JSON if more than half of the first hundred are objects or arrays, LIBSVM if {@link LibsvmGuess} detects
 * it, CSV if {@link CsvGuess} detects it, and otherwise text. Blank lines do not count.
 */
export class LineContent implements Content {
  readonly #csv = new CsvGuess();
  readonly #fields = new JsonFields();
  readonly #libsvm = new LibsvmGuess();
  /** The statistics of the lines as text. */
  readonly #sketch = new DataSketch();
  #result: ContentResult | undefined;
  #files = 0;
  #lines = 0;
  #jsonLines = 0;
  #firstNotJson: string | undefined;
  #blankLines = 0;
  /** For each line index, the number of files with a blank line at this index. */
  readonly #blankAtStart = new Map<number, number>();
  #firstBlank: string | undefined;
  #mayBeJson = true;
  #firstText: string | undefined;

  add(line: Uint8Array, position: RecordPosition): () => string {
    const { indexInFile, isSketched } = position;
    const place = (): string => linePlace(position);
    if (indexInFile === 0) this.#files++;
    if (line.length === 0) {
      this.#blankLines++;
      if (indexInFile < START_LINES)
        this.#blankAtStart.set(indexInFile, (this.#blankAtStart.get(indexInFile) ?? 0) + 1);
      this.#firstBlank ??= place();
    } else {
      this.#lines++;
      this.#firstText ??= describeLine(line);
      if (this.#mayBeJson) this.#addJson(line, place, isSketched);
      if (!this.#libsvm.isRefuted && !this.#isJson) this.#libsvm.add(line, place);
      if (!this.#csv.isRefuted && !this.#isJson) {
        this.#csv.add({ line, file: this.#files, indexInFile, place, isSketched });
      }
      const mayBeText = this.#lines <= SAMPLE_LINES || (this.#csv.isRefuted && !this.#isJson);
      if (isSketched && mayBeText) this.#sketch.addValue('line', line);
    }
    return () => ` ${describeLine(line)}`;
  }

  sketched(): SketchedRecords {
    const { name } = this.result();
    if (name === 'JSON') return this.#fields.sketched();
    if (name === 'CSV') return this.#csv.sketched();
    return this.#sketch.sketched((line) => ({ name: line, type: 'text' }));
  }

  result(): ContentResult {
    return (this.#result ??= this.#findResult());
  }

  #findResult(): ContentResult {
    if (this.#isJson || 2 * this.#jsonLines > this.#lines) return this.#jsonResult();
    const libsvm = this.#libsvm.result();
    if (libsvm) return libsvm;
    const csv = this.#csv.result();
    if (csv) return this.#csvResult(csv);
    const isDocument = this.#firstText === '"{"' || this.#firstText === '"["';
    const remark =
      'it may be one JSON document: write each of its records on a separate line, for example with jq -c .[]';
    return { name: 'text', decoder: null, features: null, isBatchable: true, remarks: isDocument ? [remark] : [] };
  }

  /** If true, lines are not examined for CSV. */
  get #isJson(): boolean {
    return this.#lines >= SAMPLE_LINES && this.#mayBeJson;
  }

  #addJson(line: Uint8Array, place: () => string, isSketched = false): void {
    const value = jsonOf(line);
    if (value) {
      this.#jsonLines++;
      this.#fields.add(value, place);
      if (isSketched) this.#fields.sketch(value);
    } else this.#firstNotJson ??= place();
    if (this.#lines === SAMPLE_LINES) this.#mayBeJson = 2 * this.#jsonLines > SAMPLE_LINES;
  }

  #jsonResult(): ContentResult {
    const remarks = ['read the lines with decodeTextLine() and decodeJson()'];
    if (this.#firstNotJson !== undefined) {
      const share = `${grouped(this.#jsonLines)} of ${grouped(this.#lines)} lines`;
      remarks.push(
        `${share} are JSON; ${this.#firstNotJson} is not, so decodeJson fails; { onBadRecord: 'skip' } skips bad lines`,
      );
    }
    remarks.push(...this.#fields.remarks);
    const fields = this.#fields.result();
    return {
      name: 'JSON',
      decoder: 'decodeJson',
      features: this.#fields.features ?? null,
      isBatchable: true,
      fields,
      remarks,
    };
  }

  #csvResult(csv: FoundCsv): ContentResult {
    const { decoder, columnCount, skipLines, skipFilled, hasOddText } = csv;
    const remarks = [...csv.remarks];
    const atStart = skipFilled === undefined ? undefined : csv.oddAtStart;
    const odd = skipFilled === undefined ? csv.odd : csv.oddLater;
    if (atStart) {
      const skip = skipLines === undefined ? `skip(${skipFilled})` : `{ skipLines: ${skipLines} }`;
      remarks.push(`${countOf(atStart.count, 'line')} before the header, skipped by ${skip}`);
    }
    if (odd) {
      const lines = this.#lines - (atStart?.count ?? 0);
      const share = `${grouped(lines - odd.count)} of ${grouped(lines)} lines have ${columnCount} columns`;
      const { columns, line } = odd.first;
      remarks.push(`${share}; ${line} ${columns < 0 ? quoteFault(decoder) : `has ${columns}`}`);
    }
    if (odd || hasOddText) {
      const row = decoder === 'decodeTable' ? 'row' : 'line';
      remarks.push(`${decoder} fails on such a ${row}; { onBadRecord: 'skip' } skips these ${row}s`);
    }
    const hasBlankLines = decoder === 'decodeCsv' && this.#blankLines > this.#blankBefore(skipLines ?? 0);
    if (hasBlankLines) remarks.push(this.#blankRemark());
    return {
      name: 'CSV',
      isBatchable: true,
      ...csvProposal(csv),
      rows: csv.rows,
      ...(hasBlankLines && { hasBlankLines }),
      remarks,
    };
  }

  #blankBefore(index: number): number {
    let lines = 0;
    for (const [at, count] of this.#blankAtStart) if (at < index) lines += count;
    return lines;
  }

  #blankRemark(): string {
    const first = this.#firstBlank ?? '';
    const blank =
      this.#blankLines === 1
        ? `1 line is blank (${first})`
        : `${grouped(this.#blankLines)} lines are blank (first ${first})`;
    return `${blank}: before decodeCsv, use filter((line) => line.length > 0)`;
  }
}

function quoteFault(decoder: FoundCsv['decoder']): string {
  const fault = 'has a misplaced or missing quote. If a quoted field contains a line break, decode';
  return decoder === 'decodeTable'
    ? `${fault}Table reads this field, but inspect counts lines`
    : `${fault}Csv cannot read this field`;
}

function jsonOf(line: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
