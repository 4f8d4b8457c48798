import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { abortSignal } from '../../base/optionFields.js';
import { ChannelError, ConfigError } from '../../base/errors.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { parseOptions, requireOptions } from '../../base/parseOptions.js';
import type { RecordFormat } from '../../formats/recordFormats.js';
import { shownUrl } from '../../stores/objectErrors.js';
import type { Store } from '../../stores/store.js';
import { storeReadingFields, type StoreReadingOptions } from '../../stores/storeBytes.js';
import { choosePlaces, patternsSchema, storeOption, type Network, type Place } from './chooseStore.js';
import { FileFilter } from './fileFilter.js';
import { fileFields, fileRecords, type FileOptions } from './fileRecords.js';
import { labelled } from './imageLabels.js';
import { listPlace } from './listPlace.js';
import type { RecordFile, Selection } from './recordFile.js';
import { parseRecordOptions, recordFormatSchema, type RecordDecoder, type RecordsOf } from './recordFormat.js';

/** Options of {@link recordsFromFiles}. */
export interface RecordsFromFilesOptions<F extends RecordFormat | RecordDecoder>
  extends FileOptions, StoreReadingOptions {
  /** A format with default options, or a decoder such as `decodeTextLine({ encoding: 'utf8' })`. */
  readonly recordFormat: F;
  /**
   * The stores of the URLs. A store reads the URLs that begin with one of its `schemes`. If several stores match, the
   * store with the longest matching scheme is used. Default: an `httpStore()` for `http://` and `https://`, and no
   * store for other URLs.
   */
  readonly store?: Store | readonly Store[] | undefined;
  /** If aborted, the Observable fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const fields = lazy(() => ({
  ...fileFields(),
  store: storeOption().optional(),
  ...storeReadingFields(),
  signal: abortSignal().optional(),
}));
const optionsSchema = lazy(() => z.strictObject({ recordFormat: recordFormatSchema(), ...fields() }));

/**
 * Checks the options that a reader of files shares with `recordsFromFiles`.
 *
 * @param own - the names of the reader's other options, for the message.
 * @throws ConfigError if an option is unknown or invalid.
 */
export function checkFileOptions(caller: string, own: readonly string[], options: object): void {
  const ownFields = Object.fromEntries(own.map((name) => [name, z.never().optional()]));
  parseOptions(caller, z.strictObject({ ...ownFields, ...fields() }), options);
}

/**
 * Reads records from files and stores. Needs as much memory as `records` in File mode.
 *
 * ```ts
 * import { S3Client } from '@aws-sdk/client-s3';
 * import { recordsFromFiles } from 'millrace';
 * import { batch, prefetch } from 'millrace/operators';
 * import { s3Store } from 'millrace/s3';
 *
 * const batches$ = recordsFromFiles('data/train/*.tfrecord', {
 *   recordFormat: 'TFRecord',
 *   shuffleSeed: 7,
 *   cycleLength: 4,
 * }).pipe(batch(64), prefetch(10));
 *
 * const records$ = recordsFromFiles('s3://bucket/train/*.tfrecord', {
 *   recordFormat: 'TFRecord',
 *   store: s3Store(new S3Client({})),
 * });
 * ```
 *
 * `patterns` contains paths of files and folders (with subfolders), URLs and patterns:
 *
 * - `*` and `?` match characters of a name, `**` matches any number of folders, and `[abc]` and `{a,b}` match
 *   alternatives.
 * - A name with a leading dot matches only a pattern that has this dot.
 * - A part between two `/` is literal if a file or folder of that name exists (`set (1)/*.csv`).
 * - A backslash makes the next character literal.
 *
 * Some files of folders are left out by default: see `docs/guides/files.md`. Symbolic links are followed. Compressed
 * files are decompressed (`compression`). A record cannot continue in the next file.
 *
 * In a store, patterns match keys as paths. In `http://` and `https://` URLs, `*` and `?` are literal, because HTTP has
 * no listing. Objects are read as with `storeBytes`. `concurrency` limits the requests of all objects together, or of
 * each open object if `cycleLength` is greater than 1. See `docs/guides/stores.md`.
 *
 * Emits the records in the order of `patterns`. The paths of each pattern are sorted by bytes, like keys in S3. Each
 * subscription lists the files again.
 *
 * Throws a ConfigError at the call if an argument is invalid, or if a URL has no store. Fails with a ChannelError if a
 * path does not exist, if a file cannot be read, if nothing matches a pattern (`ERR_CHANNEL_EMPTY`), or if `repeat`
 * reads 100 consecutive epochs without a record. Fails with a FormatError that names the file if bytes do not have the
 * format, and with the errors of the store. Unsubscribing ends the requests. Each file is closed after its pending
 * read.
 *
 * @param patterns - paths are relative to the working directory.
 * @see https://github.com/micromatch/picomatch#globbing-features
 */
export function recordsFromFiles<const F extends RecordFormat | RecordDecoder>(
  patterns: string | readonly string[],
  options: RecordsFromFilesOptions<F>,
): Observable<RecordsOf<F>> {
  requireOptions('recordsFromFiles', options, "{ recordFormat: 'TFRecord' }");
  return recordsOfPlaces(patterns, options, { argument: 'patterns', network: 'by itself' }).records$;
}

/** Like {@link recordsFromFiles}, for other callers. `list` lists the files without reading them. */
export function recordsOfPlaces<const F extends RecordFormat | RecordDecoder>(
  patterns: string | readonly string[],
  options: RecordsFromFilesOptions<F>,
  {
    argument,
    network,
    caller = 'recordsFromFiles',
  }: { readonly argument: string; readonly network: Network; readonly caller?: string },
): { readonly records$: Observable<RecordsOf<F>>; readonly list: () => Promise<readonly RecordFile[]> } {
  parseOptions(caller, z.object({ patterns: patternsSchema() }), { patterns });
  const { checked, decoder } = parseRecordOptions(caller, optionsSchema(), options);
  const { places, problem } = choosePlaces(patterns, checked.store, network);
  if (problem !== undefined) throw new ConfigError(`${caller}: ${argument}: ${problem}`, { path: argument });
  const name = places.map(({ pattern }) => shownUrl(pattern)).join();
  const filter = new FileFilter(caller, checked);
  const read = fileRecords({
    ...checked,
    decoder,
    reading: checked,
    emptyEpochs: {
      name: `${caller}(${JSON.stringify(Array.isArray(patterns) ? patterns.map(shownUrl) : name)})`,
      remedy: 'Its files contain no record: check the patterns, and the program that wrote the files.',
    },
  });
  const list = async (signal = checked.signal): Promise<readonly RecordFile[]> =>
    labelled(decoder, await mapConcurrently(places, (place) => filesOfPlace(place, filter, signal), signal));
  const records$ = read({ path: name, cursorInput: () => ({ name }), list });
  return { records$: records$ as Observable<RecordsOf<F>>, list };
}

/** @throws ChannelError (as a rejection) if nothing matches, or if the filter leaves out all files. */
export async function filesOfPlace(
  place: Place,
  filter: FileFilter,
  signal: AbortSignal | undefined,
): Promise<Selection> {
  const listing = await listPlace(place, signal);
  const files = await filter.select(listing);
  if (files.length > 0) return { listing, files };
  const path = shownUrl(place.pattern);
  const leftOut = listing.files.length;
  const none = place.store
    ? `There is no object at ${path}. Check the bucket, the key and the pattern.`
    : `There is no file at ${path}. Paths are relative to ${process.cwd()}.`;
  const message = leftOut > 0 ? `All files at ${path} (${leftOut}) are left out. Check include and exclude.` : none;
  throw new ChannelError(message, { code: 'ERR_CHANNEL_EMPTY', path });
}
