import { lazy } from '../../base/lazy.js';
import { parseOptions, requireOptions } from '../../base/parseOptions.js';
import { parquetFormat } from '../../formats/parquet/parquetFormat.js';
import type {
  LabelledParquetTable,
  ParquetColumns,
  ParquetOptions,
  ParquetTable,
} from '../../formats/parquet/parquetTypes.js';
import type { RowDecoder } from '../records/recordFormat.js';
import { parquetDecoder } from './parquetDecoder.js';

/** Options of {@link parquetRows}. */
export type ParquetRowsOptions<C extends ParquetColumns = ParquetColumns, S extends string = string> = Omit<
  ParquetOptions<C, S>,
  'batchSize'
>;

const optionsSchema = lazy(() => parquetFormat.options().omit({ batchSize: true }));

/**
 * Returns the record format of Parquet files, for `globalBatches` and `indexRecords`. Requires the packages `hyparquet`
 * and `hyparquet-compressors`.
 *
 * ```ts
 * import { globalBatches, hostOf } from 'millrace';
 * import { parquetRows } from 'millrace/parquet';
 *
 * const batches$ = globalBatches('data/train/*.parquet', {
 *   recordFormat: parquetRows({ select: ['age'], columns: { age: 'float32', bought: 'int32' }, label: 'bought' }),
 *   index: 'train.index.json',
 *   seed: 7,
 *   globalBatchSize: 256,
 *   lanes: 16,
 *   owner: hostOf(),
 * }); // { xs: { age }, ys }: on two hosts, arrays of 128 rows
 * ```
 *
 * Blocks are row groups. Tables and columns are as in `fromParquet`. A part without rows is a table whose arrays are
 * empty. Memory of `globalBatches`: one decoded window of row groups (the chosen columns) for each lane of the owner,
 * one more window, and the positions of these columns in each file.
 *
 * Throws a ConfigError at the call if an option is invalid. `globalBatches` fails with the errors of `fromParquet`.
 */
export function parquetRows<
  const C extends ParquetColumns = ParquetColumns,
  const L extends string = string,
  const S extends string = string,
>(options: ParquetRowsOptions<C, S> & { readonly label: L }): RowDecoder<LabelledParquetTable<C, L, S>>;
export function parquetRows<const C extends ParquetColumns = ParquetColumns, const S extends string = string>(
  options?: ParquetRowsOptions<C, S>,
): RowDecoder<ParquetTable<C, S>>;
export function parquetRows(options: ParquetRowsOptions = {}): unknown {
  requireOptions('parquetRows', options, "{ label: 'price' }");
  parseOptions('parquetRows', optionsSchema(), options);
  return Object.assign(parquetDecoder(options, 'parquetRows'), { rowFormat: 'Parquet' });
}
