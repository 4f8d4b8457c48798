import type { DType, NDArray, RaggedArray } from '../../arrays/ndarray.js';
import type { TableDType } from '../table/tableDType.js';

/** A column: its dtype, or options. */
export type ParquetColumn =
  | TableDType
  | {
      /** The dtype of the values or list elements. Default: the dtype of the file. */
      readonly dtype?: TableDType | undefined;
      /**
       * The value of nulls. In a list column, the value of null elements: a null list becomes an empty list. Default: a
       * null is an error.
       */
      readonly default?: number | bigint | boolean | string | undefined;
      /** `ragged`: the column contains lists, and becomes a {@link RaggedArray}. */
      readonly kind?: 'ragged' | undefined;
    };

/** Columns by name. */
export type ParquetColumns = Readonly<Record<string, ParquetColumn>>;

/** How to read the rows of Parquet files. */
export interface ParquetOptions<C extends ParquetColumns = ParquetColumns, S extends string = string> {
  /** The number of rows in a table. The last table of a file can have fewer. Default: one table for each row group. */
  readonly batchSize?: number | undefined;
  /** The dtypes and defaults of columns by name. Other columns have the dtypes of the file. */
  readonly columns?: C | undefined;
  /**
   * The names of the columns to read, in the order of the table. Only these columns are read from the file. Default:
   * all.
   */
  readonly select?: readonly S[] | undefined;
  /**
   * The name of the label column. If set, items are `{ xs, ys }`, and the label is read even if `select` does not
   * contain it.
   */
  readonly label?: string | undefined;
}

type DTypeOf<C extends ParquetColumn> = C extends TableDType
  ? C extends 'string'
    ? 'bytes'
    : C
  : C extends { readonly dtype: infer D extends TableDType }
    ? DTypeOf<D>
    : DType;

type ArrayOf<C extends ParquetColumn> = C extends { readonly kind: 'ragged' }
  ? RaggedArray<DTypeOf<C>>
  : NDArray<DTypeOf<C>>;

/**
 * A table: an array for each column. `S` is the union of the names in the option `select`. A list column that is not in
 * `columns` is a {@link RaggedArray}.
 */
export type ParquetTable<C extends ParquetColumns = ParquetColumns, S extends string = string> = string extends S
  ? { -readonly [K in keyof C]: ArrayOf<C[K]> } & Record<string, NDArray | RaggedArray>
  : { [K in S]: K extends keyof C ? ArrayOf<C[K]> : NDArray | RaggedArray };

/** A table with a label column. */
export interface LabelledParquetTable<
  C extends ParquetColumns = ParquetColumns,
  L extends string = string,
  S extends string = string,
> {
  /** The columns except the label. */
  readonly xs: ParquetTable<Omit<C, L>, Exclude<S, L>>;
  /** The label column. */
  readonly ys: L extends keyof C ? ArrayOf<C[L]> : NDArray | RaggedArray;
}

type SelectedBy<O> = O extends { readonly select: readonly (infer S extends string)[] } ? S : string;
type ColumnsOf<O> = O extends { readonly columns: infer C extends ParquetColumns } ? C : ParquetColumns;

/** The items that a declared channel of Parquet files emits. */
export type ParquetItem<O> = O extends { readonly label: infer L extends string }
  ? LabelledParquetTable<ColumnsOf<O>, L, SelectedBy<O>>
  : ParquetTable<ColumnsOf<O>, SelectedBy<O>>;
