import type { DataOf, DType } from '../../arrays/ndarray.js';
import type { WireReader } from './wireReader.js';

/* The lists that a Feature can hold, by field number. */
export const BYTES_LIST = 1;
export const FLOAT_LIST = 2;
export const INT64_LIST = 3;
/** Any of these. */
export type ListKind = typeof BYTES_LIST | typeof FLOAT_LIST | typeof INT64_LIST;

/** Room for a column's values, fresh for each batch. */
export interface Values<D extends DType> {
  readonly data: DataOf[D];
  /** Reads the list from the reader's position to `end` into `data`, from element `at` on. It fits: it was counted. */
  read(wire: WireReader, end: number, at: number): void;
}

/** How the values of a list are read into one dtype. */
export interface ValueType<D extends DType = DType> {
  readonly dtype: D;
  readonly listKind: ListKind;
  /** Counts the list's values from the reader's position to `end`, and checks that they end there. */
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<D>;
}

/** What a column reads from: one key of the records, and the type of its values. */
export interface ValueSource<D extends DType = DType> {
  /** The key itself, for messages. */
  readonly name: string;
  /** The key's number in the index. */
  readonly key: number;
  readonly type: ValueType<D>;
  /** Whether a missing key is an error. Otherwise the column reads it as an empty list. */
  readonly isRequired?: boolean;
}
