import { lazy } from '../../base/lazy.js';
import { positiveInteger } from '../../base/parseOptions.js';

export const DEFAULT_MAX_RECORD_BYTES = 256 * 1024 * 1024;

/** `TFRecordReader` reads a length as a signed 32-bit integer. Messages of Protobuf have the same limit. */
const LARGEST_RECORD_BYTES = 2 ** 31 - 1;

export const maxRecordBytesSchema = lazy(() =>
  positiveInteger()
    .max(LARGEST_RECORD_BYTES)
    .default(DEFAULT_MAX_RECORD_BYTES)
    .describe('The maximum length of a record, in bytes.'),
);

export function tooLargeMessage(what: string, maxRecordBytes: number): string {
  return `${what} exceeds the limit of ${maxRecordBytes} bytes: if such records are valid, increase maxRecordBytes`;
}
