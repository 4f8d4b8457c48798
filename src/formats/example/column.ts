import type { NDArray, NestedRaggedArray, RaggedArray, SparseArray } from '../../arrays/ndarray.js';
import type { ExampleIndex } from './exampleIndex.js';

export type ColumnValue = NDArray | SparseArray | RaggedArray | NestedRaggedArray;

export interface Column {
  /** Returns the values of all records or, if `single` is true, the only record's value without a batch axis. */
  read(index: ExampleIndex, single: boolean): ColumnValue;
}
