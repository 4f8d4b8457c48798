import type { OperatorFunction } from 'rxjs';
import { badRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { tfRecordFormat } from '../src/formats/tfrecord/tfRecordFormat.js';
import type { TFRecordReaderOptions } from '../src/formats/tfrecord/tfRecordReader.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeTFRecord}. */
export type DecodeTFRecordOptions = Pick<TFRecordReaderOptions, 'maxRecordBytes'> & BadRecordOptions;

const optionsSchema = tfRecordFormat.options.extend(badRecordFields);

/**
 * Decodes TFRecord, verifying both checksums of each record.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decodeTFRecord({ onBadRecord: 'skip', maxBadRecords: 10 }));
 * ```
 *
 * Emits one `Uint8Array` a record: a view on the chunk it came in (which it keeps alive), or a copy where it spans
 * chunks. Order is kept. Memory: one chunk, and one record that spans chunks, of up to `maxRecordBytes`.
 *
 * Throws a ConfigError at the call for bad options. Notifies a FormatError (`checksum`, `truncated`, `tooLarge`) with
 * the byte offset of the bad record in this subscription's bytes, after all records before it.
 *
 * A record whose data have a wrong checksum, its length being sound, may be left out (`onBadRecord`). After a wrong
 * checksum of a length nobody knows where the next record begins, and a cut end is an error whatever was chosen.
 *
 * @param options - `maxRecordBytes`, default 256 MiB; `onBadRecord`, default `'fail'`; `maxBadRecords`.
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function decodeTFRecord(options: DecodeTFRecordOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const { onBadRecord, maxBadRecords, ...format } = parseOptions('decodeTFRecord', optionsSchema, options, {
    form: "decodeTFRecord({ onBadRecord: 'skip' })",
  });
  return decodeFormat(tfRecordFormat, format, { onBadRecord, maxBadRecords });
}
