import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { parseOptions, positiveInteger } from '../base/parseOptions.js';
import { WRITABLE_FORMATS, writableNameSchema, type WritableRecordFormat } from '../formats/recordFormats.js';

/** Options of {@link framedRecords}. */
export interface FramedRecordsOptions {
  readonly recordFormat: WritableRecordFormat;
  /** The size of the chunks in bytes. Default: one chunk. */
  readonly chunkBytes?: number | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    recordFormat: writableNameSchema(),
    chunkBytes: positiveInteger().optional(),
  }),
);

/**
 * Encodes records, and splits the bytes into chunks like a FIFO. A chunk can end inside a record.
 *
 * ```ts
 * import { framedRecords } from 'millrace/testing';
 *
 * const chunks = framedRecords(['one', 'two'], { recordFormat: 'TFRecord', chunkBytes: 5 });
 * ```
 *
 * @param records - bytes, or strings that are encoded as UTF-8.
 * @throws ConfigError if an option is invalid, and the errors of the encoder of the format.
 */
export function framedRecords(
  records: readonly (Uint8Array | string)[],
  options: FramedRecordsOptions,
): Uint8Array<ArrayBuffer>[] {
  const { recordFormat, chunkBytes = Infinity } = parseOptions('framedRecords', optionsSchema(), options);
  const { encode } = WRITABLE_FORMATS[recordFormat];
  const bytes = Uint8Array.from(Buffer.concat(records.map((record) => encode(Buffer.from(record)))));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) chunks.push(bytes.slice(start, start + chunkBytes));
  return chunks;
}
