/**
 * Parquet files as tables, read with `hyparquet`.
 *
 * @module millrace/parquet
 */
export { fromParquet } from './fromParquet.js';
export type { FromParquetOptions } from './fromParquet.js';
export { parquetRows } from './parquetRows.js';
export type { ParquetRowsOptions } from './parquetRows.js';
export type {
  LabelledParquetTable,
  ParquetColumn,
  ParquetColumns,
  ParquetOptions,
  ParquetTable,
} from '../../formats/parquet/parquetTypes.js';
