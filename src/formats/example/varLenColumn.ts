import { uncheckedArray, type DType, type SparseArray } from '../../arrays/ndarray.js';
import type { Column } from './column.js';
import type { ExampleIndex } from './exampleIndex.js';
import type { ValueSource } from '../protobuf/values.js';
import { readRows, rowLength, type RaggedRows } from './raggedRows.js';

export class VarLenColumn implements Column {
  readonly #source: ValueSource;

  constructor(source: ValueSource) {
    this.#source = source;
  }

  read(index: ExampleIndex, single: boolean): SparseArray {
    return sparseOf(this.#source.type.dtype, readRows(index, this.#source), single);
  }
}

/** Value i of record r is at `[r, i]` of a batch. Value i of a single record is at `[i]`. */
export function sparseOf(dtype: DType, { data, rowSplits }: RaggedRows<DType>, single: boolean): SparseArray {
  const rank = single ? 1 : 2;
  const rows = rowSplits.length - 1;
  const indices = new BigInt64Array(rank * data.length);
  // The lower halves of the int64 numbers. Indices fit in 32 bits.
  const words = new Int32Array(indices.buffer);
  let longest = 0;
  let word = 0;
  for (let row = 0; row < rows; row++) {
    const length = rowLength(rowSplits, row);
    longest = Math.max(longest, length);
    for (let column = 0; column < length; column++) {
      if (!single) {
        words[word] = row;
        word += 2;
      }
      words[word] = column;
      word += 2;
    }
  }
  return {
    indices: uncheckedArray('int64', [data.length, rank], indices),
    values: uncheckedArray(dtype, [data.length], data),
    denseShape: single ? [longest] : [rows, longest],
  };
}
