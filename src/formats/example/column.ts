import type { NDArray, RaggedArray, SparseArray } from '../../arrays/ndarray.js';
import type { ExampleIndex } from './exampleIndex.js';

export type ColumnValue = NDArray | SparseArray | RaggedArray;

/** Reads one requested feature from a batch of records. */
export interface Column {
  /**
   * Returns the value of the batch. If `single` is true, returns the value of the only record, without the batch
   * dimension.
   */
  read(index: ExampleIndex, single: boolean): ColumnValue;
}
