import { CsvColumns, type FoundColumns } from './csvColumns.js';
import { readCsvLine, type CsvLine } from './csvLine.js';

/** The first that fits is taken: a comma is also a decimal point, and stands in text. */
const DELIMITERS = ['\t', ';', '|', ','] as const;
/** How many lines decide whether they are CSV, and how many of ten have to have the same number of columns. */
const SAMPLE_LINES = 100;
const LEAST_OF_TEN = 9;

/** What lines of CSV are. */
export interface FoundCsv extends FoundColumns {
  readonly fieldDelim: string;
  readonly columns: number;
  readonly odd: number;
  /** The first line that is none of the others' kind: its place, and its number of columns or -1. */
  readonly firstOdd: { readonly line: string; readonly columns: number } | undefined;
}

interface SampleLine {
  readonly line: Uint8Array;
  readonly indexInFile: number;
  readonly place: () => string;
}

/** Finds out whether lines are CSV (nine of ten have as many columns, two at least) and what its columns are. */
export class CsvGuess {
  #sample: SampleLine[] | undefined = [];
  #found: { readonly fieldDelim: string; readonly count: number; readonly columns: CsvColumns } | undefined;
  #odd = 0;
  #firstOdd: FoundCsv['firstOdd'];

  /** Takes the next line, not an empty one. `place` names it. */
  add(line: Uint8Array, indexInFile: number, place: () => string): void {
    if (!this.#sample) this.#addTo(this.#found?.columns, { line, indexInFile, place });
    else if (this.#sample.push({ line, indexInFile, place }) === SAMPLE_LINES) this.#decide(this.#sample);
  }

  /** Whether the sample was seen and is no CSV. */
  get isRefuted(): boolean {
    return this.#sample === undefined && this.#found === undefined;
  }

  /** The result, asked for once; `undefined` if the lines are no CSV. */
  result(): FoundCsv | undefined {
    if (this.#sample) this.#decide(this.#sample);
    if (!this.#found) return undefined;
    const { fieldDelim, count, columns } = this.#found;
    return { ...columns.result(), fieldDelim, columns: count, odd: this.#odd, firstOdd: this.#firstOdd };
  }

  #decide(sample: readonly SampleLine[]): void {
    this.#sample = undefined;
    for (const fieldDelim of DELIMITERS) {
      const count = columnCountOf(sample, fieldDelim.charCodeAt(0));
      if (count < 2) continue;
      this.#found = { fieldDelim, count, columns: new CsvColumns(fieldDelim.charCodeAt(0), count) };
      break;
    }
    for (const line of sample) this.#addTo(this.#found?.columns, line);
  }

  #addTo(csv: CsvColumns | undefined, { line, indexInFile, place }: SampleLine): void {
    const columns = csv?.add(line, indexInFile === 0);
    if (columns === undefined) return;
    this.#odd++;
    this.#firstOdd ??= { line: place(), columns };
  }
}

/** The number of columns that nine of ten lines have; 0 if there is none. */
function columnCountOf(sample: readonly SampleLine[], delimiter: number): number {
  const scratch: CsvLine = { count: 0, dtypes: [] };
  const counts = new Map<number, number>();
  for (const { line } of sample) {
    if (readCsvLine(line, delimiter, { line: scratch, isText: () => true })) {
      counts.set(scratch.count, (counts.get(scratch.count) ?? 0) + 1);
    }
  }
  const [columns, lines] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return sample.length >= 2 && 10 * lines >= LEAST_OF_TEN * sample.length ? columns : 0;
}
