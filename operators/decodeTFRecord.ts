import type { OperatorFunction } from 'rxjs';
import { lazy } from '../src/base/lazy.js';
import { badRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { tfRecordFormat } from '../src/formats/tfrecord/tfRecordFormat.js';
import type { TFRecordReaderOptions } from '../src/formats/tfrecord/tfRecordReader.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeTFRecord}. */
export type DecodeTFRecordOptions = Pick<TFRecordReaderOptions, 'maxRecordBytes'> & BadRecordOptions;

const optionsSchema = lazy(() => tfRecordFormat.options().extend(badRecordFields()));

/**
 * Decodes TFRecord and verifies both checksums of each record.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decodeTFRecord({ onBadRecord: 'skip', maxBadRecords: 10 }));
 * ```
 *
 * Each record is a view that keeps its chunk in memory. A record that spans chunks is copied. Memory: one chunk, and
 * one record of up to `maxRecordBytes`.
 *
 * Fails with a FormatError (`checksum`, `truncated` or `tooLarge`). `onBadRecord` can skip only records with a wrong
 * data checksum. After a wrong length checksum, the start of the next record is unknown.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function decodeTFRecord(options: DecodeTFRecordOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const { onBadRecord, maxBadRecords, ...format } = parseOptions('decodeTFRecord', optionsSchema(), options, {
    form: "decodeTFRecord({ onBadRecord: 'skip' })",
  });
  return decodeFormat(tfRecordFormat, format, { onBadRecord, maxBadRecords });
}
