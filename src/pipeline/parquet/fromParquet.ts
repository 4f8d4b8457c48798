import type { Observable } from 'rxjs';
import type { BadRecordOptions } from '../../../operators/shared/badRecords.js';
import { requireOptions } from '../../base/parseOptions.js';
import type {
  LabelledParquetTable,
  ParquetColumns,
  ParquetOptions,
  ParquetTable,
} from '../../formats/parquet/parquetTypes.js';
import { checkFileOptions, recordsOfPlaces, type RecordsFromFilesOptions } from '../records/recordsFromFiles.js';
import { parquetDecoder, parquetOptionsSchema } from './parquetDecoder.js';

/** Options of {@link fromParquet}. */
export interface FromParquetOptions<C extends ParquetColumns = ParquetColumns, S extends string = string>
  extends
    ParquetOptions<C, S>,
    Omit<RecordsFromFilesOptions<never>, 'recordFormat' | 'compression'>,
    BadRecordOptions {}

/**
 * Reads Parquet files as tables: batches with one array for each column. Requires the packages `hyparquet` and
 * `hyparquet-compressors`.
 *
 * ```ts
 * import { fromParquet } from 'millrace/parquet';
 *
 * const batches$ = fromParquet('data/train/*.parquet', {
 *   batchSize: 64,
 *   select: ['age', 'tokens'],
 *   columns: { age: { dtype: 'float32', default: 40 }, tokens: { kind: 'ragged', dtype: 'int32' }, bought: 'int32' },
 *   label: 'bought',
 * }); // { xs: { age, tokens }, ys }, with arrays of 64 rows
 * ```
 *
 * `patterns`, `store` and the order of the files are as in `recordsFromFiles`. Reads only the footer and the chosen
 * columns of each file, in ranges. Adjacent columns share a range of up to `rangeBytes`.
 *
 * A column has the dtype of the file. float16 becomes float32, and decimals become float64. Dates are int32 days. Times
 * are integers in the unit of the file, and INT96 times are int64 nanoseconds. Texts have dtype `bytes`. Lists become a
 * `RaggedArray`. Fields of structs are named `struct.field`. Lists of lists are not supported.
 *
 * Numbers are copied. Elements of dtype `bytes` are views, and equal elements may share a view. Memory: the chosen
 * columns of one row group, compressed and decoded, and the rows of one unfinished table. Decoding blocks the thread
 * for one column at a time. To avoid this, run the pipeline with `inWorker`.
 *
 * Throws a ConfigError at the call if an argument is invalid. Fails with a ConfigError if a package is not installed,
 * with the errors of the store, and with a FormatError that names the file if a file is damaged, if a column is
 * missing, or if a value is null or does not have the declared dtype. `onBadRecord` can leave out rows with nulls.
 * Unsubscribing ends the requests.
 *
 * @see https://parquet.apache.org/docs/file-format/
 */
export function fromParquet<
  const C extends ParquetColumns = ParquetColumns,
  const L extends string = string,
  const S extends string = string,
>(
  patterns: string | readonly string[],
  options: FromParquetOptions<C, S> & { readonly label: L },
): Observable<LabelledParquetTable<C, L, S>>;
export function fromParquet<const C extends ParquetColumns = ParquetColumns, const S extends string = string>(
  patterns: string | readonly string[],
  options?: FromParquetOptions<C, S>,
): Observable<ParquetTable<C, S>>;
export function fromParquet(
  patterns: string | readonly string[],
  options: FromParquetOptions = {},
): Observable<unknown> {
  requireOptions('fromParquet', options, '{ batchSize: 64 }');
  const { batchSize, columns, select, label, onBadRecord, maxBadRecords, ...others } = options;
  checkFileOptions('fromParquet', Object.keys(parquetOptionsSchema().shape), others);
  const recordFormat = parquetDecoder({ batchSize, columns, select, label, onBadRecord, maxBadRecords });
  const rules = { caller: 'fromParquet', argument: 'patterns', network: 'by itself' } as const;
  return recordsOfPlaces(patterns, { ...others, recordFormat }, rules).records$;
}
