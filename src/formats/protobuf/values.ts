import type { DataOf, DType } from '../../arrays/ndarray.js';
import type { WireReader } from './wireReader.js';

/** The field numbers of the lists in a Feature. */
export const BYTES_LIST = 1;
export const FLOAT_LIST = 2;
export const INT64_LIST = 3;
export type ListKind = typeof BYTES_LIST | typeof FLOAT_LIST | typeof INT64_LIST;

/** New memory for the values of one column in one batch. */
export interface Values<D extends DType> {
  readonly data: DataOf[D];
  /**
   * Reads the list from the reader's position to `end` into `data`, starting at element `at`. The memory is large
   * enough, because the values were counted before.
   */
  read(wire: WireReader, end: number, at: number): void;
}

/** Reads lists of values into one dtype. */
export interface ValueType<D extends DType = DType> {
  readonly dtype: D;
  readonly listKind: ListKind;
  /** Counts the values from the reader's position to `end`, and checks that the last value ends at `end`. */
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<D>;
}

/** The source of a column: one key of the records, and the type of its values. */
export interface ValueSource<D extends DType = DType> {
  readonly name: string;
  /** The key's number in the index. */
  readonly key: number;
  readonly type: ValueType<D>;
  /** Whether a missing key is an error. If not, it is read as an empty list. */
  readonly isRequired?: boolean;
}
