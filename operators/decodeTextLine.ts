import type { OperatorFunction } from 'rxjs';
import { parseOptions } from '../src/base/parseOptions.js';
import { textLineFormat } from '../src/formats/text/textLineFormat.js';
import type { TextLineReaderOptions } from '../src/formats/text/textLineOptions.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeTextLine} that make it emit strings. */
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
 * A line ends with `\n`, which is optional for the last line. `carriageReturns` removes `\r` before `\n`
 * (`'beforeNewline'`, default), removes each `\r` (`'all'`, as in TensorFlow's `TextLineDataset`), or removes none
 * (`'keep'`, as in `PipeModeDataset`). Blank lines and a byte order mark are kept. `skipLines` skips lines at the start
 * of each file if the decoder is a `recordFormat`, otherwise at the start of each subscription. In Pipe mode, `records`
 * rejects `skipLines`, because a channel joins its files.
 *
 * Emits each line as a view on its chunk, so a line keeps its chunk in memory. A line that spans chunks is copied. With
 * `encoding: 'utf8'`, lines are strings, and errors of `decodeCsv` cannot name their file and line. Memory: one chunk,
 * and one line of up to `maxRecordBytes`.
 *
 * The Observable fails with a FormatError. Its kind is `tooLarge` if a line is too long, and `malformed` if the data is
 * compressed. With `encoding`, invalid UTF-8 is also `malformed`.
 *
 * @param options - `encoding`, `carriageReturns`, `skipLines`, and `maxRecordBytes`, default 256 MiB.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/TextLineDataset
 */
export function decodeTextLine(options: DecodeTextOptions): OperatorFunction<Uint8Array, string>;
export function decodeTextLine(options?: TextLineReaderOptions): OperatorFunction<Uint8Array, Uint8Array>;
export function decodeTextLine(options: TextLineReaderOptions = {}): OperatorFunction<Uint8Array, unknown> {
  return decodeFormat(
    textLineFormat,
    parseOptions('decodeTextLine', textLineFormat.options, options, { form: "decodeTextLine({ encoding: 'utf8' })" }),
  );
}
