import { positiveInteger } from '../../base/parseOptions.js';

/** What `maxRecordBytes` is where nothing is said: 256 MiB. */
export const DEFAULT_MAX_RECORD_BYTES = 256 * 1024 * 1024;

/** Lengths are read as 32-bit integers, and no protobuf message may be longer either. */
const LARGEST_RECORD_BYTES = 2 ** 31 - 1;

/** The schema of the option `maxRecordBytes`, the same for every reader. */
export const maxRecordBytesSchema = positiveInteger.max(LARGEST_RECORD_BYTES).default(DEFAULT_MAX_RECORD_BYTES);

/** What to say of a record that is longer than the limit. */
export function tooLargeMessage(what: string, maxRecordBytes: number): string {
  return `${what} is over the limit of ${maxRecordBytes} bytes: raise maxRecordBytes if such records are expected`;
}
