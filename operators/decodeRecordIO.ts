import type { OperatorFunction } from 'rxjs';
import { badRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { recordIOFormat } from '../src/formats/recordio/recordIOFormat.js';
import type { RecordIOReaderOptions } from '../src/formats/recordio/recordIOOptions.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeRecordIO}. */
export interface DecodeRecordIOOptions
  extends Pick<RecordIOReaderOptions, 'multipart' | 'maxRecordBytes'>, BadRecordOptions {
  /**
   * If framing is lost, continues at the next magic word that begins a record. The skipped bytes are a bad record, and
   * `onBadRecord` defaults to `'skip'`. Default: false.
   */
  readonly resync?: boolean | undefined;
}

const optionsSchema = recordIOFormat.options
  .extend(badRecordFields)
  .refine(({ resync, onBadRecord, maxBadRecords }) => resync || (onBadRecord ?? maxBadRecords) === undefined, {
    path: ['resync'],
    error:
      'expected true with onBadRecord or maxBadRecords, because without checksums a bad record is only detected by lost framing',
  });

/**
 * Decodes RecordIO, the record format of SageMaker and MXNet.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeRecordIO } from 'millrace/operators';
 *
 * const records$ = channel('images').pipe(decodeRecordIO());
 * ```
 *
 * Emits each record as a view on its chunk, which it keeps alive, or as a copy if it spans chunks or parts. Keeps the
 * order. Memory: one chunk, and one record across chunks of up to `maxRecordBytes`.
 *
 * The parts of a multi-part record are joined without a separator, as in SageMaker's readers (`multipart: 'concat'`),
 * or with the magic word that dmlc-core's writer removed (`'dmlc'`, for files of MXNet's tools). Without a choice, the
 * first such record causes a process warning.
 *
 * Throws a ConfigError at the call for invalid options. Notifies a FormatError (`malformed`, `truncated`, `tooLarge`)
 * with the byte offset in this subscription, after all earlier records. RecordIO has no checksums, so a changed payload
 * is not detected.
 *
 * With `resync: true` it continues after `malformed` and `tooLarge` at the next probable record, and reports the
 * skipped bytes to `onBadRecord`, or in a process warning at the end. A payload with a magic word can mislead it. A
 * truncated end is always an error, and so is lost framing without a later record.
 *
 * @param options - `multipart`; `maxRecordBytes`, default 256 MiB; `resync`; with it `onBadRecord` and `maxBadRecords`.
 * @see https://mxnet.apache.org/versions/1.9.1/api/architecture/note_data_loading
 */
export function decodeRecordIO(options: DecodeRecordIOOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const { onBadRecord, maxBadRecords, ...format } = parseOptions('decodeRecordIO', optionsSchema, options, {
    form: "decodeRecordIO({ onBadRecord: 'skip' })",
  });
  return decodeFormat(recordIOFormat, format, { onBadRecord, maxBadRecords });
}
