import type { NDArray, RaggedArray, SparseArray } from '../../arrays/ndarray.js';
import type { ExampleIndex } from './exampleIndex.js';

export type ColumnValue = NDArray | SparseArray | RaggedArray;

export interface Column {
  /**
   * Returns the values of all records. If `single` is true, there is only one record, and its value has no batch
   * dimension.
   */
  read(index: ExampleIndex, single: boolean): ColumnValue;
}
