import { ColumnSurvey, type FoundColumns, type PlacedLine } from './columnSurvey.js';
import { readCsvLine, type LineColumns } from './csvLine.js';

/** The first delimiter that fits is used. The comma is last, because decimal numbers and text contain commas. */
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
  readonly columns: number;
  /**
   * All lines without the usual number of columns: those at the start of each file (`oddAtStart`), and those after the
   * first line with the usual number of columns (`oddLater`).
   */
  readonly odd: OddLines | undefined;
  readonly oddAtStart: OddLines | undefined;
  readonly oddLater: OddLines | undefined;
}

/** Detects CSV: nine of ten lines have the same number of columns, and this number is at least two. */
export class CsvGuess {
  #sample: PlacedLine[] | undefined = [];
  #found: { readonly fieldDelim: string; readonly count: number; readonly columns: ColumnSurvey } | undefined;
  #odd: OddLines | undefined;
  #oddAtStart: OddLines | undefined;
  #oddLater: OddLines | undefined;

  /** The line must not be empty. */
  add(line: PlacedLine): void {
    if (!this.#sample) this.#addTo(this.#found?.columns, line);
    else if (this.#sample.push(line) === SAMPLE_LINES) this.#decide(this.#sample);
  }

  /** True if the sample is complete and is not CSV. */
  get isRefuted(): boolean {
    return this.#sample === undefined && this.#found === undefined;
  }

  /** Returns the columns, or `undefined` if the lines are not CSV. Call this only once. */
  result(): FoundCsv | undefined {
    if (this.#sample) this.#decide(this.#sample);
    if (!this.#found) return undefined;
    const { fieldDelim, count, columns } = this.#found;
    const [odd, oddAtStart, oddLater] = [this.#odd, this.#oddAtStart, this.#oddLater];
    return { ...columns.result(), fieldDelim, columns: count, odd, oddAtStart, oddLater };
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
    const columns = csv?.add(line);
    if (columns === undefined) return;
    const first = { line: line.place(), columns };
    this.#odd = oneMore(this.#odd, first);
    if (csv?.isBeforeColumns(line)) this.#oddAtStart = oneMore(this.#oddAtStart, first);
    else this.#oddLater = oneMore(this.#oddLater, first);
  }
}

function oneMore(odd: OddLines | undefined, first: OddLines['first']): OddLines {
  return { count: (odd?.count ?? 0) + 1, first: odd?.first ?? first };
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
