import type { OperatorFunction } from 'rxjs';
import { parseOptions } from '../src/base/parseOptions.js';
import { textLineFormat } from '../src/formats/text/textLineFormat.js';
import type { TextLineReaderOptions } from '../src/formats/text/textLineReader.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeTextLine} for strings. */
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
 * A line ends with `\n`, which is optional at the end. `carriageReturns` removes `\r` before `\n` (`'beforeNewline'`,
 * default), removes all (`'all'`, as in TensorFlow's `TextLineDataset`), or none (`'keep'`, as in `PipeModeDataset`).
 * Blank lines and a byte order mark are kept.
 *
 * Emits each line as a view on its chunk, which it keeps alive, or as a copy if it spans chunks. With `encoding:
 * 'utf8'` it emits strings. Keeps the order. Memory: one chunk, and one line of up to `maxRecordBytes`.
 *
 * Throws a ConfigError at the call for invalid options. Notifies a FormatError with the byte offset in this
 * subscription: `tooLarge`, or `malformed` if the first line is compressed data, or with `encoding` if the bytes are not
 * UTF-8. Errors of `decodeCsv` name the file and the line of bytes, but not of strings.
 *
 * @param options - `encoding`, `carriageReturns`, and `maxRecordBytes`, default 256 MiB.
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
