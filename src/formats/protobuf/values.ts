import type { DataOf, DType } from '../../arrays/ndarray.js';
import type { WireReader } from './wireReader.js';

export const BYTES_LIST = 1;
export const FLOAT_LIST = 2;
export const INT64_LIST = 3;
export type ListKind = typeof BYTES_LIST | typeof FLOAT_LIST | typeof INT64_LIST;

export interface Values<D extends DType> {
  readonly data: DataOf[D];
  read(wire: WireReader, end: number, at: number): void;
}

export interface ValueType<D extends DType = DType> {
  readonly dtype: D;
  readonly listKind: ListKind;
  count(wire: WireReader, end: number): number;
  allocate(size: number): Values<D>;
}

export interface ValueSource<D extends DType = DType> {
  readonly name: string;
  readonly key: number;
  readonly type: ValueType<D>;
  readonly isRequired?: boolean;
}
