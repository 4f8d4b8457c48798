import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, jsonBadRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { requireOptions, parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import {
  createCsvParser,
  csvParserSchema,
  type CsvColumns,
  type CsvLine,
  type CsvParserOptions,
  type ParsedCsv,
} from '../src/formats/csv/csvParser.js';

/** Options of {@link decodeCsv}. */
export interface DecodeCsvOptions extends CsvParserOptions, BadRecordOptions {}

/** The arguments of {@link decodeCsv} that JSON can hold, by name. */
export const decodeCsvSchema = csvParserSchema.safeExtend(jsonBadRecordFields);

/**
 * Decodes lines of CSV into an array for each column: `tf.io.decode_csv`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeCsv, decodeTextLine } from 'millrace/operators';
 * import { map } from 'rxjs';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTextLine(),
 *   batch(64),
 *   decodeCsv(['float32', { dtype: 'float32', default: 0 }, 'int64']),
 *   map(([width, height, label]) => ({ width, height, label })),
 * ); // each an NDArray of shape [64]
 * ```
 *
 * As in TensorFlow the arrays have the shape of what comes in: `[n]` of a batch of n lines, and the fast way; `[]` of a
 * line by itself. A line is text or bytes. A `string` column is an NDArray of dtype `bytes`. Values are copied. Order is
 * kept; nothing is held between items.
 *
 * A header is a line like any other. `recordFormat: pipe(decodeTextLine(), skip(1))` leaves out the first line of each file,
 * and with it a byte order mark (`pipe` and `skip` are RxJS's).
 *
 * Numbers may have blanks around them. An empty field, also one in quotes, takes its column's default. The line end
 * must be removed, as `decodeTextLine` does; a quoted field cannot continue on the next line. A blank line is an error,
 * and so is a byte order mark before a number.
 *
 * Throws a ConfigError at the call if the arguments are not valid. Notifies a FormatError that names the column and
 * shows the line, with the line's index in this subscription and the byte offset within the line. If a line is bytes
 * from a file or FIFO, the error has its path and the line number too, also after `shuffle`. `onBadRecord` may leave bad
 * lines out: their batch is then smaller, and is left out if no line is sound.
 *
 * @param recordDefaults - for each column its dtype, or `{ dtype, default, name }`. Without a default, a value is
 *   required. Errors show the name.
 * @param options - `fieldDelim` (`,`), `useQuoteDelim` (true), `naValue` and `selectCols`, as in TensorFlow;
 *   `onBadRecord`, default `'fail'`; `maxBadRecords`.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/decode_csv
 */
export function decodeCsv<const C extends CsvColumns>(
  recordDefaults: C,
  options: DecodeCsvOptions = {},
): OperatorFunction<CsvLine | readonly CsvLine[], ParsedCsv<C>> {
  requireOptions('decodeCsv', options, "{ fieldDelim: ';' }");
  const { onBadRecord, maxBadRecords, ...csvOptions } = options;
  const badRecords = parseOptions('decodeCsv', badRecordsSchema, { onBadRecord, maxBadRecords });
  const parser = createCsvParser(recordDefaults, csvOptions);
  return parseRecords('decodeCsv', badRecords, {
    single: (line, index) => parser.parseLine(line, index),
    batch: (lines, firstIndex) => parser.parseBatch(lines, firstIndex),
  });
}
