import type { DataOf, DType } from '../../arrays/ndarray.js';
import type { WireReader } from './wireReader.js';

/** The lists of a Feature, by field number. */
export const BYTES_LIST = 1;
export const FLOAT_LIST = 2;
export const INT64_LIST = 3;
export type ListKind = typeof BYTES_LIST | typeof FLOAT_LIST | typeof INT64_LIST;

/** Room for a column's values, fresh for each batch. */
export interface Values<D extends DType> {
  readonly data: DataOf[D];
  /**
   * Reads the list from the reader's position to `end` into `data`, from element `at`. It fits, because it was counted.
   */
  read(wire: WireReader, end: number, at: number): void;
}

/** Reads the values of a list into one dtype. */
export interface ValueType<D extends DType = DType> {
  readonly dtype: D;
  readonly listKind: ListKind;
  /** Counts the values from the reader's position to `end`, and checks that the last one ends there. */
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<D>;
}

/** The source of a column: one key of the records, and the type of its values. */
export interface ValueSource<D extends DType = DType> {
  readonly name: string;
  /** The key's number in the index. */
  readonly key: number;
  readonly type: ValueType<D>;
  /** Whether a missing key is an error. Otherwise it is an empty list. */
  readonly isRequired?: boolean;
}
