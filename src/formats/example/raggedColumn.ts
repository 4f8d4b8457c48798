import { uncheckedArray, type NDArray, type RaggedArray } from '../../arrays/ndarray.js';
import type { Column } from './column.js';
import type { ExampleIndex } from './exampleIndex.js';
import type { ValueSource } from '../protobuf/values.js';
import { readRows } from './raggedRows.js';

/** Reads a ragged array for a batch, or a vector for a single record. */
export class RaggedColumn implements Column {
  readonly #source: ValueSource;

  constructor(source: ValueSource) {
    this.#source = source;
  }

  read(index: ExampleIndex, single: boolean): RaggedArray | NDArray {
    const { data, rowSplits } = readRows(index, this.#source);
    const values = uncheckedArray(this.#source.type.dtype, [data.length], data);
    return single ? values : { values, rowSplits };
  }
}
