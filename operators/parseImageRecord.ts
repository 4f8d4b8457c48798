import type { OperatorFunction } from 'rxjs';
import { parseOptions } from '../src/base/parseOptions.js';
import { readImageRecord, type ImageRecord } from '../src/formats/imageRecord/imageRecord.js';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseRecords } from './shared/parseRecords.js';

/**
 * Parses the records of MXNet's im2rec, like `mx.recordio.unpack`, without decoding the images.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { decodeImage, decodeRecordIO, parseImageRecord } from 'millrace/operators';
 *
 * const images$ = recordsFromFiles('train.rec', { recordFormat: decodeRecordIO({ multipart: 'dmlc' }) }).pipe(
 *   parseImageRecord(), // { image: Uint8Array, label: NDArray<'float32'>, id: bigint }
 *   decodeImage({ feature: 'image' }),
 * );
 * ```
 *
 * Fails with a FormatError if a record is shorter than its header or its labels, and with a ValueError if an item is a
 * batch.
 *
 * @see https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/mxnet/recordio/index.html
 */
export function parseImageRecord(options: BadRecordOptions = {}): OperatorFunction<Uint8Array, ImageRecord> {
  const badRecords = parseOptions('parseImageRecord', badRecordsSchema(), options, {
    form: "parseImageRecord({ onBadRecord: 'skip' })",
  });
  return parseRecords('parseImageRecord', badRecords, { single: readImageRecord });
}
