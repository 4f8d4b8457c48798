import { ColumnSurvey, type FoundColumns } from './columnSurvey.js';
import type { PlacedLine } from './content.js';
import type { SketchedRecords } from './sketch/dataSketch.js';
import { readCsvLine, type LineColumns } from './csvLine.js';

/** The first delimiter that fits is used. The comma is last, because numbers and text contain commas. */
const DELIMITERS = ['\t', ';', '|', ','] as const;
const SAMPLE_LINES = 100;
const LEAST_OF_TEN = 9;

interface OddLines {
  readonly count: number;
  /** `columns` is -1 if the line is not CSV. */
  readonly first: { readonly line: string; readonly columns: number };
}

export interface FoundCsv extends FoundColumns {
  readonly fieldDelim: string;
  readonly columnCount: number;
  /**
   * All lines without the usual number of columns. `oddAtStart` contains the lines above a file's first line with the
   * usual number. `oddLater` contains all other lines.
   */
  readonly odd: OddLines | undefined;
  readonly oddAtStart: OddLines | undefined;
  readonly oddLater: OddLines | undefined;
}

/** Detects CSV: at least nine of ten lines have the same number of columns, and this number is at least two. */
export class CsvGuess {
  #sample: PlacedLine[] | undefined = [];
  #found: { readonly fieldDelim: string; readonly count: number; readonly columns: ColumnSurvey } | undefined;
  #odd: OddLines | undefined;
  #oddAtStart: OddLines | undefined;
  #oddLater: OddLines | undefined;
  /** The current file's candidates for `oddAtStart`. */
  #oddOfFile: OddLines | undefined;
  #file = -1;

  /** The line must not be empty. */
  add(line: PlacedLine): void {
    if (!this.#sample) this.#addTo(this.#found?.columns, line);
    else if (this.#sample.push(line) === SAMPLE_LINES) this.#decide(this.#sample);
  }

  /** True if the sample is complete and is not CSV. */
  get isRefuted(): boolean {
    return this.#sample === undefined && this.#found === undefined;
  }

  /** `undefined` if the lines are not CSV. Call this only once. */
  result(): FoundCsv | undefined {
    if (this.#sample) this.#decide(this.#sample);
    if (!this.#found) return undefined;
    const { fieldDelim, count, columns } = this.#found;
    this.#beginFile(-1);
    const [odd, oddAtStart, oddLater] = [this.#odd, this.#oddAtStart, this.#oddLater];
    return { ...columns.result(), fieldDelim, columnCount: count, odd, oddAtStart, oddLater };
  }

  /** Call this only after `result` has found CSV. */
  sketched(): SketchedRecords {
    return this.#found?.columns.sketched() ?? { records: 0, features: [] };
  }

  #decide(sample: readonly PlacedLine[]): void {
    this.#sample = undefined;
    for (const fieldDelim of DELIMITERS) {
      const count = columnCountOf(sample, fieldDelim.charCodeAt(0));
      if (count < 2) continue;
      this.#found = { fieldDelim, count, columns: new ColumnSurvey(fieldDelim.charCodeAt(0), count) };
      break;
    }
    for (const line of sample) this.#addTo(this.#found?.columns, line);
  }

  #addTo(csv: ColumnSurvey | undefined, line: PlacedLine): void {
    if (!csv) return;
    if (line.file !== this.#file) this.#beginFile(line.file);
    const columns = csv.add(line);
    if (columns === undefined) {
      this.#oddAtStart = joined(this.#oddAtStart, this.#oddOfFile);
      this.#oddOfFile = undefined;
      return;
    }
    const odd = { count: 1, first: { line: line.place(), columns } };
    this.#odd = joined(this.#odd, odd);
    if (csv.isBeforeColumns) this.#oddOfFile = joined(this.#oddOfFile, odd);
    else this.#oddLater = joined(this.#oddLater, odd);
  }

  /** If no line of the last file had the usual number of columns, its lines belong to `oddLater`. */
  #beginFile(file: number): void {
    this.#oddLater = joined(this.#oddLater, this.#oddOfFile);
    this.#oddOfFile = undefined;
    this.#file = file;
  }
}

function joined(lines: OddLines | undefined, more: OddLines | undefined): OddLines | undefined {
  if (!lines || !more) return lines ?? more;
  return { count: lines.count + more.count, first: lines.first };
}

/** Returns 0 if fewer than nine of ten lines agree. */
function columnCountOf(sample: readonly PlacedLine[], delimiter: number): number {
  const scratch: LineColumns = { count: 0, dtypes: [] };
  const counts = new Map<number, number>();
  for (const { line } of sample) {
    if (readCsvLine(line, delimiter, { line: scratch, isText: () => true })) {
      counts.set(scratch.count, (counts.get(scratch.count) ?? 0) + 1);
    }
  }
  const [columns, lines] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return sample.length >= 2 && 10 * lines >= LEAST_OF_TEN * sample.length ? columns : 0;
}
