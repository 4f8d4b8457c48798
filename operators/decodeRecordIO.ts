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
   * Whether to go on, where framing is lost, at the next magic word that begins a record. What is passed over counts as
   * a bad record, and `onBadRecord` is then `'skip'` unless it is given. Default: false.
   */
  readonly resync?: boolean | undefined;
}

const optionsSchema = recordIOFormat.options
  .extend(badRecordFields)
  .refine(({ resync, onBadRecord, maxBadRecords }) => resync || (onBadRecord ?? maxBadRecords) === undefined, {
    path: ['resync'],
    error: 'expected true with onBadRecord or maxBadRecords: without checksums, only lost framing tells a bad record',
  });

/**
 * Decodes RecordIO, the format in which SageMaker wraps records and MXNet keeps them.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeRecordIO } from 'millrace/operators';
 *
 * const records$ = channel('images').pipe(decodeRecordIO());
 * ```
 *
 * Emits one `Uint8Array` a record: a view on the chunk it came in (which it keeps alive), or a copy where it spans
 * chunks or parts. Order is kept. Memory: one chunk, and one record that spans chunks, of up to `maxRecordBytes`.
 *
 * A record of several parts is joined with nothing between them, as SageMaker's own readers do (`multipart: 'concat'`),
 * or with the magic word that dmlc-core's writer took out (`'dmlc'`, for files written by MXNet's tools). When such
 * records come and neither was chosen, a process warning says so, once.
 *
 * Throws a ConfigError at the call for bad options. Notifies a FormatError (`malformed`, `truncated`, `tooLarge`) with
 * the byte offset of the bad record in this subscription's bytes, after all records before it. RecordIO has no
 * checksums: a changed payload passes.
 *
 * With `resync: true` it goes on after such an error (`malformed`, `tooLarge`) where the next record seems to begin, and
 * tells what it has passed over: to `onBadRecord`, or by a process warning at the end. It can be misled by a payload that
 * holds a magic word, and a cut end, or a loss after which no record comes, is an error whatever was chosen.
 *
 * @param options - `multipart`; `maxRecordBytes`, default 256 MiB; `resync`; `onBadRecord` and `maxBadRecords` with it.
 * @see https://mxnet.apache.org/versions/1.9.1/api/architecture/note_data_loading
 */
export function decodeRecordIO(options: DecodeRecordIOOptions = {}): OperatorFunction<Uint8Array, Uint8Array> {
  const { onBadRecord, maxBadRecords, ...format } = parseOptions('decodeRecordIO', optionsSchema, options, {
    form: "decodeRecordIO({ onBadRecord: 'skip' })",
  });
  return decodeFormat(recordIOFormat, format, { onBadRecord, maxBadRecords });
}
