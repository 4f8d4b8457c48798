import { positiveInteger } from '../../base/parseOptions.js';

export const DEFAULT_MAX_RECORD_BYTES = 256 * 1024 * 1024;

/** Lengths are read as signed 32-bit integers. Protobuf has the same limit. */
const LARGEST_RECORD_BYTES = 2 ** 31 - 1;

export const maxRecordBytesSchema = positiveInteger
  .max(LARGEST_RECORD_BYTES)
  .default(DEFAULT_MAX_RECORD_BYTES)
  .describe('The longest record that is accepted, in bytes.');

export function tooLargeMessage(what: string, maxRecordBytes: number): string {
  return `${what} is over the limit of ${maxRecordBytes} bytes: raise maxRecordBytes if such records are expected`;
}
