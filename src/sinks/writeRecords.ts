import type { Observable } from 'rxjs';
import { requireSource } from '../base/requireSource.js';
import type { WritableRecordFormat } from '../formats/recordFormats.js';
import { abortable } from '../sources/abortable.js';
import type { WritableStore } from '../stores/store.js';
import { findEarlierRun } from './earlierRun.js';
import type { Manifest } from './manifest.js';
import { parseWriteRecords, type RunSettings } from './parseWriteRecords.js';
import type { RecordEncoder } from './recordBlocks.js';
import { RecordsJob } from './recordsJob.js';

/** The formats that can write records of a type. Only `TextLine` can write strings. */
export type RecordFormatFor<R> = [R] extends [Uint8Array]
  ? WritableRecordFormat
  : [R] extends [string | Uint8Array]
    ? 'TextLine'
    : never;

/** Options of {@link writeRecords}. */
export interface WriteRecordsOptions<R> {
  /**
   * A format, or a function that returns the bytes of one record with its framing, such as `(row) =>
   * encodeTextLine(JSON.stringify(row))`. The function must always return the same bytes for the same record, and must
   * not change them later.
   */
  readonly recordFormat: RecordFormatFor<R> | RecordEncoder<R>;
  /** The maximum number of records of a file. Default: no limit. */
  readonly recordsPerFile?: number | undefined;
  /** The maximum size of a file in bytes, before compression. A larger record gets its own file. Default: no limit. */
  readonly bytesPerFile?: number | undefined;
  /**
   * The compression of the files. Must not contradict the extension. Default: `gzip` if the pattern ends in `.gz`,
   * otherwise `none`.
   */
  readonly compression?: 'none' | 'gzip' | undefined;
  /** The store to write to. Default: `fileStore()`. A URL needs a store for its scheme, such as `s3Store(client)`. */
  readonly store?: WritableStore | undefined;
  /**
   * If true, continues after the last file in the manifest of an interrupted run with the same pattern and options.
   * If that run is complete, resolves with its manifest and does not subscribe to the source. If there is no such run,
   * starts from the beginning. Default: false.
   */
  readonly resume?: boolean | undefined;
  /**
   * If true, replaces the files of an earlier run with the same pattern. The source must not read these files. Default:
   * false.
   */
  readonly overwrite?: boolean | undefined;
  /** When the signal is aborted, the unfinished file is removed, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes records to one file, or to numbered files (shards) of a limited size.
 *
 * ```ts
 * import { fromFile, writeRecords } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 * import { encodeExample, encodeTFRecord } from 'millrace/formats';
 *
 * const lines$ = fromFile('names.txt').pipe(decodeTextLine());
 * const manifest = await writeRecords(lines$, 'out/part-{shard}.tfrecord.gz', {
 *   recordFormat: (line) => encodeTFRecord(encodeExample({ name: { bytesList: [line] } })),
 *   recordsPerFile: 10_000,
 *   resume: true,
 * });
 * console.log(manifest.files.length, 'files', manifest.records, 'records');
 * ```
 *
 * `{shard}` becomes the number of the file: 00000, 00001 and so on. `{shard}` is required with `recordsPerFile` or
 * `bytesPerFile`. The names of up to 100,000 files sort in the order of the records. A missing folder is created. A
 * source without records is written as one file without records.
 *
 * A file becomes visible under its name only when it is complete and on the disk. An object in a store becomes visible
 * only when its upload is complete. The manifest is a JSON file beside the files, such as
 * `out/part.tfrecord.gz.manifest.json`. It is updated after each file. From 100 files on, it is updated each time the
 * number of files has grown by 1 %.
 *
 * With `resume`, the records of the files in the manifest are read from the source again, but not written again. If the
 * source emits the same records in the same order, the files are identical to those of an uninterrupted run. For
 * example, `shuffle` needs a seed for this. Millrace detects too few records, changed options, and kept files with a
 * different size, but no other changes.
 *
 * Two runs with the same pattern must not run at the same time, because a run first removes the unfinished files of all
 * runs with its pattern.
 *
 * Requests records while it writes. Pauses the source while the disk or bucket is slow. Memory: three blocks, and 40
 * MiB more for a bucket. A block has 1 MiB, or more if one record is larger. Compression runs on the thread pool.
 *
 * Throws a ConfigError at the call if an argument is invalid. A failure removes only the unfinished file. The promise
 * rejects with
 *
 * - a ConfigError if a record cannot be encoded;
 * - a ConfigError if the manifest belongs to a different pattern;
 * - a ConfigError if files of an earlier run exist, and neither `resume` nor `overwrite` is set;
 * - a ConfigError if `recordsFromFiles`, `fromFile` or `storeBytes` reads a file of the run. A source behind `share()`
 *   or a custom operator is not detected;
 * - a ChannelError with `path`, `errno` or `status` if a file cannot be written. Without `overwrite`, also if another
 *   run has written a file with the same name;
 * - the error of the source, or the signal's reason.
 *
 * With `overwrite`, a complete new file replaces the old file with the same name. The other old files are removed at
 * the end of the run, so they remain after a failure.
 *
 * @param source$ - the records: Uint8Arrays, for `TextLine` also strings, and for an encoder function any type.
 * @param pattern - a path relative to the working directory, or a URL such as
 *   `s3://bucket/train/part-{shard}.tfrecord`.
 */
export function writeRecords<R>(
  source$: Observable<R>,
  pattern: string,
  options: WriteRecordsOptions<R>,
): Promise<Manifest> {
  requireSource('writeRecords', source$, 'source$');
  return run(source$, parseWriteRecords(pattern, options));
}

async function run<R>(source$: Observable<R>, settings: RunSettings<R>): Promise<Manifest> {
  const { fresh, signal } = settings;
  signal?.throwIfAborted();
  const earlier = await findEarlierRun(fresh, settings);
  if (earlier.manifest.isComplete) return earlier.manifest;
  return new RecordsJob<R>(earlier, settings).run(source$.pipe(abortable(signal)));
}
