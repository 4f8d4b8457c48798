import type { NDArray, RaggedArray, SparseArray } from '../../arrays/ndarray.js';
import type { ExampleIndex } from './exampleIndex.js';

/** What a feature can be parsed to. */
export type ColumnValue = NDArray | SparseArray | RaggedArray;

/** A feature asked for: reads what a batch of records holds of it. */
export interface Column {
  /** The value of the batch, or, with `single`, of its only record, without the batch's dimension. */
  read(index: ExampleIndex, single: boolean): ColumnValue;
}
