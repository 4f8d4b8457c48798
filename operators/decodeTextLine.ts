import type { OperatorFunction } from 'rxjs';
import { parseOptions } from '../src/base/parseOptions.js';
import { textLineFormat } from '../src/formats/text/textLineFormat.js';
import type { TextLineReaderOptions } from '../src/formats/text/textLineOptions.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeTextLine} with `encoding`. */
export type DecodeTextOptions = TextLineReaderOptions & { readonly encoding: 'utf8' };

/**
 * Splits text into lines without line ends, as bytes or as strings.
 *
 * ```ts
 * import { fromFile } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromFile('rows.csv').pipe(decodeTextLine({ encoding: 'utf8' }));
 * ```
 *
 * A line ends with `\n`, which is optional for the last line. By default, a `\r` before `\n` is removed, too. Blank
 * lines and a byte order mark are kept. In a `recordFormat`, `skipLines` skips the first lines of each file. In a
 * `pipe()`, it skips the first lines of each subscription.
 *
 * Each line is a view that keeps its chunk in memory. A line that spans chunks is copied, unless the chunks are
 * adjacent in memory. With `encoding`, errors of `decodeCsv` do not name the file, because only bytes have a known
 * file. Memory: one chunk, and one line of up to `maxRecordBytes`.
 *
 * Fails with a FormatError: `tooLarge` if a line is longer than `maxRecordBytes`, and `malformed` if the data is
 * compressed or, with `encoding`, if a line is not valid UTF-8.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/TextLineDataset
 */
export function decodeTextLine(options: DecodeTextOptions): OperatorFunction<Uint8Array, string>;
export function decodeTextLine(options?: TextLineReaderOptions): OperatorFunction<Uint8Array, Uint8Array>;
export function decodeTextLine(options: TextLineReaderOptions = {}): OperatorFunction<Uint8Array, unknown> {
  return decodeFormat(
    textLineFormat,
    parseOptions('decodeTextLine', textLineFormat.options(), options, { form: "decodeTextLine({ encoding: 'utf8' })" }),
  );
}
