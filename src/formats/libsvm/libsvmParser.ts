import { allocate, uncheckedArray, type NDArray, type SparseArray } from '../../arrays/ndarray.js';
import { ConfigError } from '../../base/errors.js';
import { requireLittleEndian } from '../requireLittleEndian.js';
import { LibsvmLine } from './libsvmLine.js';

/** The dtypes of labels and values. */
export type LibsvmDType = 'float32' | 'float64';

export interface LibsvmParserOptions {
  readonly features: number;
  readonly zeroBased: boolean | 'auto';
  readonly dtype: LibsvmDType;
  readonly queryId: boolean;
}

export interface LibsvmArrays {
  label: NDArray<LibsvmDType>;
  features: SparseArray<LibsvmDType>;
  qid?: NDArray<'int64'>;
}

/** The content of several lines. `columns` and `values` contain the features of all lines in one list. */
interface Rows {
  readonly labels: number[];
  readonly queryIds: bigint[];
  /** The number of features up to the end of each line. */
  readonly ends: number[];
  readonly columns: number[];
  readonly values: number[];
}

/** Both patterns match before a comment: an index of 0, or any index. */
const INDEX_ZERO = /^[^#]*[ \t\n\v\f\r]0+:/;
const INDEX = /^[^#]*[ \t\n\v\f\r][0-9]+:/;

export class LibsvmParser {
  readonly #options: LibsvmParserOptions;
  /** `undefined` until a line has an index, if `zeroBased` is `auto`. */
  #firstIndex: 0 | 1 | undefined;

  constructor(options: LibsvmParserOptions) {
    requireLittleEndian();
    this.#options = options;
    if (options.zeroBased !== 'auto') this.#firstIndex = options.zeroBased ? 0 : 1;
  }

  /**
   * Skips lines without a label.
   *
   * @param single - if true, the arrays of the only line have no batch axis.
   * @returns `undefined` if no line has a label.
   * @throws FormatError if a line is bad.
   */
  parse(lines: readonly (string | Uint8Array)[], recordIndex: number, single: boolean): LibsvmArrays | undefined {
    this.#firstIndex ??= firstIndexOf(lines.filter((line) => this.#isSound(line)));
    const rows = noRows();
    for (const [at, line] of lines.entries()) this.#read(new LibsvmLine(line, recordIndex + at), rows);
    const count = rows.labels.length;
    if (count === 0 && lines.length > 0) return undefined;
    const { dtype, features, queryId } = this.#options;
    const shape = single ? [] : [count];
    const values = allocate(dtype, rows.values.length);
    values.set(rows.values);
    const label = allocate(dtype, count);
    label.set(rows.labels);
    return {
      label: uncheckedArray(dtype, shape, label),
      features: {
        indices: uncheckedArray('int64', [values.length, single ? 1 : 2], indicesOf(rows, single)),
        values: uncheckedArray(dtype, [values.length], values),
        denseShape: [...shape, features],
      },
      ...(queryId && { qid: uncheckedArray('int64', shape, BigInt64Array.from(rows.queryIds)) }),
    };
  }

  #read(line: LibsvmLine, { labels, queryIds, ends, columns, values }: Rows): void {
    if (!line.next()) return;
    labels.push(line.label());
    let isToken = line.next();
    const hasQueryId = isToken && line.isQueryId();
    if (hasQueryId) {
      queryIds.push(line.queryId());
      isToken = line.next();
    } else if (this.#options.queryId) line.fail('expected qid:<id> after the label, found none');
    let firstIndex = this.#firstIndex;
    for (let last = -1; isToken; isToken = line.next()) {
      const index = line.index();
      // With `auto`, a later index 0 in a valid line is an error of the option.
      if (index === 0 && this.#options.zeroBased === 'auto') firstIndex = 0;
      firstIndex ??= 1;
      this.#checkIndex(line, { index, last, firstIndex });
      columns.push(index - firstIndex);
      values.push(line.value());
      last = index;
    }
    if (this.#firstIndex === 1 && firstIndex === 0) throw mixedIndices();
    ends.push(values.length);
  }

  /** A bad line, which may be skipped, must not decide the first index. */
  #isSound(line: string | Uint8Array): boolean {
    try {
      this.#read(new LibsvmLine(line, 0), noRows());
      return true;
    } catch {
      return false;
    }
  }

  #checkIndex(line: LibsvmLine, { index, last, firstIndex }: FoundIndex): void {
    const { features } = this.#options;
    if (index <= last) {
      line.fail(`expected an index above ${last}, found ${line.indexText()}: sort the indices of each line`);
    }
    if (index < firstIndex) line.fail('expected indices from 1, found 0: if indices start at 0, set zeroBased: true');
    const most = features - 1 + firstIndex;
    if (index > most) line.fail(`expected indices up to ${most} (features: ${features}), found ${line.indexText()}`);
  }
}

interface FoundIndex {
  readonly index: number;
  /** The previous index of the line. */
  readonly last: number;
  readonly firstIndex: 0 | 1;
}

const noRows = (): Rows => ({ labels: [], queryIds: [], ends: [], columns: [], values: [] });

function firstIndexOf(lines: readonly (string | Uint8Array)[]): 0 | 1 | undefined {
  const texts = lines.map((line) => (typeof line === 'string' ? line : Buffer.from(line).toString('latin1')));
  if (texts.some((text) => INDEX_ZERO.test(text))) return 0;
  return texts.some((text) => INDEX.test(text)) ? 1 : undefined;
}

function mixedIndices(): ConfigError {
  const found = 'found index 0, but the first item with features has no index 0, so indices from 1 were assumed';
  return new ConfigError(`decodeLibsvm: zeroBased: ${found}: set zeroBased: true`, { path: 'zeroBased' });
}

function indicesOf({ columns, ends }: Rows, single: boolean): BigInt64Array {
  const indices = new BigInt64Array((single ? 1 : 2) * columns.length);
  // The lower halves of the int64 numbers. Indices fit in 32 bits.
  const words = new Int32Array(indices.buffer);
  let row = 0;
  let word = 0;
  for (const [at, column] of columns.entries()) {
    while (at >= (ends[row] ?? Infinity)) row++;
    if (!single) {
      words[word] = row;
      word += 2;
    }
    words[word] = column;
    word += 2;
  }
  return indices;
}
