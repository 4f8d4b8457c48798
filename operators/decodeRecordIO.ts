import type { OperatorFunction } from 'rxjs';
import { lazy } from '../src/base/lazy.js';
import { badRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { recordIOFormat } from '../src/formats/recordio/recordIOFormat.js';
import type { RecordIOReaderOptions } from '../src/formats/recordio/recordIOOptions.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeRecordIO}. */
export interface DecodeRecordIOOptions
  extends Pick<RecordIOReaderOptions, 'multipart' | 'maxRecordBytes'>, BadRecordOptions {
  /**
   * If true, the bytes from an invalid record header to the next valid header are one bad record, and `onBadRecord` is
   * `'skip'` by default. If false, `onBadRecord` and `maxBadRecords` are not allowed. Default: false.
   */
  readonly resync?: boolean | undefined;
}

const optionsSchema = lazy(() =>
  recordIOFormat
    .options()
    .extend(badRecordFields())
    .refine(({ resync, onBadRecord, maxBadRecords }) => resync || (onBadRecord ?? maxBadRecords) === undefined, {
      path: ['resync'],
      error:
        'expected true if onBadRecord or maxBadRecords is set, because the decoder finds the record after a bad ' +
        'record only with { resync: true }',
    }),
);

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
 * Each record is a view that keeps its chunk in memory. A record that spans chunks or parts is copied. Memory: one
 * chunk, and one record of up to `maxRecordBytes`.
 *
 * With the default `multipart`, the first multi-part record causes a process warning.
 *
 * Fails with a FormatError (`ERR_FORMAT_MALFORMED`, `ERR_FORMAT_TRUNCATED` or `ERR_FORMAT_TOO_LARGE`). RecordIO has no
 * checksums, so a damaged payload is not detected.
 *
 * With `resync: true`, the decoder may mistake payload bytes for a record header. A truncated last record and bad bytes
 * after the last record are still errors.
 *
 * @see https://mxnet.apache.org/versions/1.9.1/api/architecture/note_data_loading
 */
export function decodeRecordIO(options: DecodeRecordIOOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const { onBadRecord, maxBadRecords, ...format } = parseOptions('decodeRecordIO', optionsSchema(), options, {
    form: "decodeRecordIO({ onBadRecord: 'skip' })",
  });
  return decodeFormat(recordIOFormat, format, { onBadRecord, maxBadRecords });
}
