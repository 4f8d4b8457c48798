import type { OperatorFunction } from 'rxjs';
import { lazy } from '../src/base/lazy.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { tableFormat } from '../src/formats/table/tableFormat.js';
import type { TableColumns, TableOptions } from '../src/formats/table/tableOptions.js';
import type { LabelledTable, TableOf } from '../src/formats/table/tableTypes.js';
import { decodeFormat } from './decodeRecords.js';
import { badRecordFields, type BadRecordOptions } from './shared/badRecords.js';

/** Options of {@link decodeTable}. */
export interface DecodeTableOptions<C extends TableColumns = TableColumns, S extends string = string>
  extends TableOptions<C, S>, BadRecordOptions {}

const optionsSchema = lazy(() => tableFormat.options().extend(badRecordFields()));

/**
 * Decodes CSV or TSV bytes to tables: batches with one array for each column, like
 * `tf.data.experimental.make_csv_dataset`.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { decodeTable } from 'millrace/operators';
 *
 * const batches$ = recordsFromFiles('data/*.csv', {
 *   recordFormat: decodeTable({
 *     batchSize: 64,
 *     columns: { age: { dtype: 'float32', default: 40 }, income: 'float32', city: 'string' },
 *     label: 'income',
 *   }),
 * }); // { xs: { age, city, … }, ys }, with arrays of shape [64]
 * ```
 *
 * The first row of each file is its header. Columns are found by name, so their order can differ between files. A Pipe
 * mode channel joins files, so a later row can be the header of the next file. A later row is a header if it contains
 * the names of all columns, and if at least one name is not a valid value of its column, for example not a number. If
 * all columns are strings, only a row that is equal to the first header is a header. A later header is skipped, and
 * sets the order of the columns in the rows after it.
 *
 * The dtype of a column that is not in `columns` is inferred from its non-empty fields in the first `inferRows` rows.
 * It is the first of int32, int64, float32, bool and string that can represent all these fields. The first file that a
 * decoder reads sets the dtypes for all later files, so use a separate decoder for each data set. By default, a table
 * has the columns in the order of `columns`, and then all other columns in the order of the first file. `string`
 * columns have dtype `bytes`. Numbers become the nearest float32 or float64. `true`, `false`, `1` and `0` are booleans.
 * Dates are strings.
 *
 * Fields follow RFC 4180: quoted fields can contain delimiters, line ends, and quotes that are written twice. A byte
 * order mark and blank lines are skipped.
 *
 * Numbers are copied. The elements of `string` columns are views on the chunk. Texts with doubled quotes are copied to
 * blocks of 64 KiB. Memory: one table, one chunk, one row that spans chunks, and the first `inferRows` rows.
 *
 * Fails with a FormatError if a field does not have the dtype of its column, if a row has too many or too few fields,
 * or if a column is missing. The error names the line, the column and the remedy. `onBadRecord` can skip bad rows, and
 * `maxBadRecords` counts rows. A number that an inferred dtype cannot represent is always an error.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/experimental/make_csv_dataset
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function decodeTable<
  const C extends TableColumns = TableColumns,
  const L extends string = string,
  const S extends string = string,
>(options: DecodeTableOptions<C, S> & { readonly label: L }): OperatorFunction<Uint8Array, LabelledTable<C, L, S>>;
export function decodeTable<const C extends TableColumns = TableColumns, const S extends string = string>(
  options: DecodeTableOptions<C, S>,
): OperatorFunction<Uint8Array, TableOf<C, S>>;
export function decodeTable(options: DecodeTableOptions): OperatorFunction<Uint8Array, unknown> {
  const { onBadRecord, maxBadRecords, ...format } = parseOptions('decodeTable', optionsSchema(), options, {
    form: 'decodeTable({ batchSize: 64 })',
  });
  return decodeFormat(tableFormat, format, { onBadRecord, maxBadRecords });
}
