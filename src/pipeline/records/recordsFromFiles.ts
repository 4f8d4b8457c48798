import type { Observable } from 'rxjs';
import { z } from 'zod';
import { abortSignal } from '../../base/optionFields.js';
import { ChannelError } from '../../base/errors.js';
import { localPaths } from '../../base/localPath.js';
import { requireOptions } from '../../base/parseOptions.js';
import type { RecordFormat } from '../../formats/recordFormats.js';
import { fileFields, fileRecords, type FileOptions } from './fileRecords.js';
import { listFiles } from './listFiles.js';
import { parseRecordOptions, recordFormatSchema, type RecordDecoder, type RecordsOf } from './recordFormat.js';

/** Options of {@link recordsFromFiles}. */
export interface RecordsFromFilesOptions<F extends RecordFormat | RecordDecoder> extends FileOptions {
  /** A format with default options, or a decoder such as `decodeTextLine({ encoding: 'utf8' })`. */
  readonly recordFormat: F;
  /** When the signal is aborted, reading ends with its reason as an error notification. */
  readonly signal?: AbortSignal | undefined;
}

const argumentsSchema = z.strictObject({
  patterns: localPaths,
  recordFormat: recordFormatSchema,
  ...fileFields,
  signal: abortSignal.optional(),
});

/**
 * Reads records from files without a training job, in the same way and with the same memory as `records` in File mode.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { batch, decodeTextLine, prefetch } from 'millrace/operators';
 *
 * const batches$ = recordsFromFiles('data/train/*.tfrecord', {
 *   recordFormat: 'TFRecord',
 *   shuffleSeed: 7, // the files in a new order in each epoch
 *   cycleLength: 4, // four of them open at a time, record by record in turn
 * }).pipe(batch(64), prefetch(10));
 *
 * const lines$ = recordsFromFiles(['a.csv', 'b.csv.gz'], { recordFormat: decodeTextLine({ encoding: 'utf8' }) });
 * ```
 *
 * `patterns` contains paths of files, folders (all files below, including hidden files) and patterns:
 *
 * - `*` and `?` match characters of a name, `**` matches any number of folders, and `[abc]` and `{a,b}` match
 *   alternatives.
 * - A name with a leading dot matches only a pattern that has this dot.
 * - A part between two `/` is literal if a file or folder of that name exists (`set (1)/*.csv`).
 * - A backslash makes the next character literal.
 *
 * Symbolic links are followed. Compressed files are decompressed (`compression`). Each file is decoded separately,
 * so a record must not continue in the next.
 *
 * Emits the decoder's records in the order of the array, with the paths of each pattern sorted by bytes, like keys in
 * S3. `shuffleSeed` and `cycleLength` change the order in the same way in every run. Each subscription lists the files
 * again.
 *
 * Throws a ConfigError at the call for bad arguments. Notifies a ChannelError if a path does not exist, nothing matches
 * a pattern (`ERR_CHANNEL_EMPTY`), a file cannot be read, or if `repeat` reads 100 consecutive epochs without
 * a record. Notifies a FormatError that names the file if bytes do not have the format. Notifies the reason of `signal`.
 * Unsubscribing closes the files after pending reads.
 *
 * @param patterns - relative to the working directory.
 * @see https://github.com/micromatch/picomatch#globbing-features
 */
export function recordsFromFiles<const F extends RecordFormat | RecordDecoder>(
  patterns: string | readonly string[],
  options: RecordsFromFilesOptions<F>,
): Observable<RecordsOf<F>> {
  requireOptions('recordsFromFiles', options, "{ recordFormat: 'TFRecord' }");
  const { checked, decoder } = parseRecordOptions('recordsFromFiles', argumentsSchema, { patterns, ...options });
  const wanted = [checked.patterns].flat();
  const read = fileRecords({
    ...checked,
    decoder,
    emptyEpochs: {
      name: `recordsFromFiles(${JSON.stringify(patterns)})`,
      remedy: 'Its files contain no record: check the patterns, and the program that wrote the files.',
    },
  });
  const records$ = read({
    path: wanted.join(),
    describe: () => ({ name: wanted.join() }),
    list: async () => (await Promise.all(wanted.map(listSome))).flat(),
  });
  return records$ as Observable<RecordsOf<F>>;
}

async function listSome(pattern: string): Promise<string[]> {
  const files = await listFiles(pattern);
  if (files.length > 0) return files;
  throw new ChannelError(`There is no file at ${pattern}. Paths are relative to ${process.cwd()}.`, {
    code: 'ERR_CHANNEL_EMPTY',
    path: pattern,
  });
}
