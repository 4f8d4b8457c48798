import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { badRecordsSchema, jsonBadRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import type { KeyRemedy } from '../src/base/describeIssue.js';
import { requireOptions, parseOptions } from '../src/base/parseOptions.js';
import { formatsThatTake, RECORD_FORMATS } from '../src/formats/recordFormats.js';
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

export const decodeCsvSchema = lazy(() => csvParserSchema().safeExtend(jsonBadRecordFields()));

/** The names of the options. The parser validates the values. */
const knownOptions = lazy(() =>
  z.strictObject(
    Object.fromEntries(
      [...Object.keys(csvParserSchema().shape), ...Object.keys(badRecordsSchema().shape)]
        .filter((name) => name !== 'recordDefaults')
        .map((name) => [name, z.unknown().optional()]),
    ),
  ),
);

/**
 * Decodes CSV lines to one array for each column, like `tf.io.decode_csv`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeCsv, decodeTextLine } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTextLine(),
 *   batch(64),
 *   decodeCsv(['float32', { dtype: 'float32', default: 0 }, 'int64']),
 * ); // an array of three NDArrays of shape [64]
 * ```
 *
 * A line (a string or bytes) becomes arrays of shape `[]`. A batch of n lines becomes arrays of shape `[n]`. Batches
 * are faster. A `string` column has dtype `bytes`. Values are copied.
 *
 * For files with a header, see {@link decodeTable}.
 *
 * Numbers may be surrounded by spaces. An empty field, quoted or not, has its column's default value. A quoted field
 * cannot contain a line end. Blank lines are errors, and so is a byte order mark before a number.
 *
 * Fails with a FormatError that names the column and quotes the line. For a `Uint8Array` from a file or FIFO, the error
 * also names the file and line number.
 *
 * @param recordDefaults - one `CsvColumn` for each column.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/io/decode_csv
 */
export function decodeCsv<const C extends CsvColumns>(
  recordDefaults: C,
  options: DecodeCsvOptions = {},
): OperatorFunction<CsvLine | readonly CsvLine[], ParsedCsv<C>> {
  requireOptions('decodeCsv', options, "{ fieldDelim: ';' }");
  parseOptions('decodeCsv', knownOptions(), options, { remedyOfKey: remedyOfOption });
  const { onBadRecord, maxBadRecords, ...csvOptions } = options;
  const badRecords = parseOptions('decodeCsv', badRecordsSchema(), { onBadRecord, maxBadRecords });
  const parser = createCsvParser(recordDefaults, csvOptions);
  return parseRecords('decodeCsv', badRecords, {
    single: (line, index) => parser.parseLine(line, index),
    batch: (lines, firstIndex) => parser.parseBatch(lines, firstIndex),
  });
}

const remedyOfOption: KeyRemedy = (key) => {
  const [format] = formatsThatTake(key, RECORD_FORMATS);
  return format && `this option belongs to the decoder before decodeCsv, as in decode${format}({ ${key}: … })`;
};
