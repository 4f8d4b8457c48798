import { shortIntegerOf } from './fastValues.js';
import { scanDecimal, scanned } from './scanDecimal.js';
import { nearFloat32 } from './nearestFloat32.js';
import { TextCopies } from './textCopies.js';
import type { CsvDType } from './csvValue.js';
import type { CsvRules } from './splitCsvLine.js';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NUMBER_START = /^[0-9+.-]/;
const IN_NUMBERS = /[0-9eE+.-]/;

/** Reads lines of bytes that contain no quotes, no blanks around numbers and no missing values. */
export class PlainLineReader {
  readonly #dtypes: readonly CsvDType[];
  readonly #delimiter: number;
  readonly #quotes: boolean;
  readonly #naBytes: number;
  readonly #copies = new TextCopies();

  constructor(dtypes: readonly CsvDType[], { delimiter, useQuoteDelim }: CsvRules, naValue: string) {
    this.#dtypes = dtypes;
    this.#delimiter = delimiter;
    this.#quotes = useQuoteDelim;
    this.#naBytes = Buffer.byteLength(naValue);
  }

  /**
   * Returns `undefined` if a number may contain the delimiter, if `naValue` may be a number, or if only some columns
   * are read.
   */
  static create(
    columns: readonly (CsvDType | { readonly dtype: CsvDType })[],
    rules: CsvRules,
    naValue: string,
  ): PlainLineReader | undefined {
    const isApart = !NUMBER_START.test(naValue) && !IN_NUMBERS.test(String.fromCharCode(rules.delimiter));
    if (rules.selectCols !== undefined || !isApart) return undefined;
    const dtypes = columns.map((column) => (typeof column === 'string' ? column : column.dtype));
    return new PlainLineReader(dtypes, rules, naValue);
  }

  /**
   * Writes the values of a line to a row of the columns.
   *
   * @returns false if the line contains quotes, blanks around numbers or missing values. Some values of the row may
   *   have been written, so the caller must write the whole row.
   */
  read(line: Uint8Array, data: readonly unknown[], row: number): boolean {
    const { length } = line;
    const last = this.#dtypes.length - 1;
    let at = 0;
    for (let column = 0; column <= last; column++) {
      const dtype = this.#dtypes[column] as CsvDType;
      const isFloat = dtype === 'float32' || dtype === 'float64';
      const end = isFloat ? scanDecimal(line, at) : this.#endOf(line, at);
      if (end <= at || (column === last ? end !== length : line[end] !== this.#delimiter)) return false;
      const value = isFloat ? floatOf(dtype) : this.#valueOf(line, at, end, dtype);
      if (value === undefined) return false;
      (data[column] as unknown[])[row] = value;
      at = end + 1;
    }
    return true;
  }

  /** Returns the end of a field, or -1 if the field contains a quote or a line end. */
  #endOf(line: Uint8Array, start: number): number {
    const { length } = line;
    let at = start;
    for (; at < length; at++) {
      const byte = line[at];
      if (byte === this.#delimiter) return at;
      if ((byte === QUOTE && this.#quotes) || byte === LINE_FEED || byte === CARRIAGE_RETURN) return -1;
    }
    return at;
  }

  #valueOf(line: Uint8Array, start: number, end: number, dtype: CsvDType): Uint8Array | bigint | number | undefined {
    if (dtype === 'string') return end - start === this.#naBytes ? undefined : this.#copies.copy(line, start, end);
    const value = shortIntegerOf(line, start, end);
    if (value === undefined || dtype === 'int64') return value === undefined ? undefined : BigInt(value);
    return value === (value | 0) ? value : undefined;
  }
}

function floatOf(dtype: CsvDType): number | undefined {
  const value = scanned[0] as number;
  if (dtype === 'float64') return value;
  const near = nearFloat32(value);
  return Number.isNaN(near) ? undefined : near;
}
