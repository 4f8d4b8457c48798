import type { OperatorFunction } from 'rxjs';
import { parseOptions } from '../src/base/parseOptions.js';
import { wholeFileFormat, type WholeFile, type WholeFileOptions } from '../src/formats/wholeFile/wholeFileFormat.js';
import { decodeFormat } from './decodeRecords.js';

/**
 * Joins the bytes of each file to one record, like `tf.io.read_file`.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { decodeWholeFile } from 'millrace/operators';
 *
 * const texts$ = recordsFromFiles('notes/*.txt', {
 *   recordFormat: decodeWholeFile({ maxRecordBytes: 1_000_000 }),
 * }); // { bytes: Uint8Array, path: string }
 * ```
 *
 * As a step of a `pipe()`, joins all bytes to one record. Emits no record if there are no bytes. Memory: twice the size
 * of the file. Fails with a FormatError (`tooLarge`) if a file is larger than `maxRecordBytes`, and with a ConfigError
 * if the path of the bytes is unknown.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/io/read_file
 */
export function decodeWholeFile(options: WholeFileOptions = {}): OperatorFunction<Uint8Array, WholeFile> {
  return decodeFormat(
    wholeFileFormat,
    parseOptions('decodeWholeFile', wholeFileFormat.options(), options, {
      form: 'decodeWholeFile({ maxRecordBytes: 1_000_000 })',
    }),
  );
}
