import type { NDArray } from '../../arrays/ndarray.js';
import type { Table } from './rowReader.js';
import type { TableDType } from './tableDType.js';
import type { TableColumn, TableColumns } from './tableOptions.js';

type DTypeOf<C extends TableColumn> = C extends TableDType
  ? C extends 'string'
    ? 'bytes'
    : C
  : C extends { readonly dtype: infer D extends TableDType }
    ? DTypeOf<D>
    : never;

/**
 * A table: an array of shape `[rows]` for each column. `S` is the union of the names in the option `select`. A column
 * without a declared dtype has the type `NDArray`.
 */
export type TableOf<C extends TableColumns = TableColumns, S extends string = string> = string extends S
  ? { -readonly [K in keyof C]: NDArray<DTypeOf<C[K]>> } & Table
  : { [K in S]: K extends keyof C ? NDArray<DTypeOf<C[K]>> : NDArray };

/** A table with a label column. */
export interface LabelledTable<
  C extends TableColumns = TableColumns,
  L extends string = string,
  S extends string = string,
> {
  /** The columns except the label. */
  readonly xs: TableOf<Omit<C, L>, Exclude<S, L>>;
  /** The label column, of shape `[rows]`. */
  readonly ys: L extends keyof C ? NDArray<DTypeOf<C[L]>> : NDArray;
}

type SelectedBy<O> = O extends { readonly select: readonly (infer S extends string)[] } ? S : string;
type ColumnsOf<O> = O extends { readonly columns: infer C extends TableColumns } ? C : TableColumns;

export type TableItem<O> = O extends { readonly label: infer L extends string }
  ? LabelledTable<ColumnsOf<O>, L, SelectedBy<O>>
  : TableOf<ColumnsOf<O>, SelectedBy<O>>;
