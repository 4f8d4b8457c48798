import type { OperatorFunction } from 'rxjs';
import { parseOptions } from '../src/base/parseOptions.js';
import { textLineFormat } from '../src/formats/text/textLineFormat.js';
import type { TextLineReaderOptions } from '../src/formats/text/textLineReader.js';
import { decodeFormat } from './decodeRecords.js';

/** Options of {@link decodeTextLine} that give strings. */
export type DecodeTextOptions = TextLineReaderOptions & { readonly encoding: 'utf8' };

/**
 * Decodes lines of text, as bytes or as strings, without their line ends.
 *
 * ```ts
 * import { fromFile } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromFile('rows.csv').pipe(decodeTextLine({ encoding: 'utf8' }));
 * ```
 *
 * A line ends in `\n`; the last one need not. `carriageReturns` says what becomes of `\r`: one just before the `\n` goes
 * (`'beforeNewline'`, the default), all go (`'all'`, as TensorFlow's `TextLineDataset` does), or all stay (`'keep'`, as
 * `PipeModeDataset` does). Blank lines are lines. A byte order mark stays.
 *
 * Emits a `Uint8Array` a line, a view on the chunk it came in (which it keeps alive) or a copy where it spans chunks;
 * with `encoding: 'utf8'` a string. Order is kept. Memory: one chunk, and one line of up to `maxRecordBytes`.
 *
 * Throws a ConfigError at the call for bad options. Notifies a FormatError with the byte offset of the line in this
 * subscription's bytes: `tooLarge`, or `malformed` if the first line is compressed data, or if a string is wanted and
 * the bytes are not UTF-8. Errors of `decodeCsv` name the file and the line of bytes, not of strings.
 *
 * @param options - `encoding`, `carriageReturns`, and `maxRecordBytes`, default 256 MiB.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/TextLineDataset
 */
export function decodeTextLine(options: DecodeTextOptions): OperatorFunction<Uint8Array, string>;
export function decodeTextLine(options?: TextLineReaderOptions): OperatorFunction<Uint8Array, Uint8Array>;
export function decodeTextLine(options: TextLineReaderOptions = {}): OperatorFunction<Uint8Array, unknown> {
  return decodeFormat(textLineFormat, parseOptions('decodeTextLine', textLineFormat.options, options));
}
