import type { Observable } from 'rxjs';
import { z } from 'zod';
import { ConfigError } from '../base/errors.js';
import { abortSignal } from '../base/optionFields.js';
import { callback, parseOptions, positiveInteger, requireOptions } from '../base/parseOptions.js';
import { requireSource } from '../base/requireSource.js';
import { compressionOfName } from '../formats/compression/compressionOfName.js';
import { formatNameSchema, RECORD_FORMATS, type RecordFormat } from '../formats/recordFormats.js';
import { abortable } from '../sources/abortable.js';
import { fileStore } from '../stores/fileStore.js';
import type { Store, WritableStore } from '../stores/store.js';
import { storeSchema } from '../stores/storeSchema.js';
import { withLowerScheme } from '../stores/storeUrl.js';
import { findEarlierRun } from './earlierRun.js';
import type { Manifest } from './manifest.js';
import type { RecordEncoder } from './recordBlocks.js';
import { RecordsJob } from './recordsJob.js';
import { parseShardPattern, shardPatternText, type ShardPattern } from './shardPattern.js';

/** The formats that can write records of a type. Only `TextLine` can write strings. */
export type RecordFormatFor<R> = [R] extends [Uint8Array]
  ? RecordFormat
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

const argumentsSchema = z
  .strictObject({
    pattern: shardPatternText,
    recordFormat: z.union([formatNameSchema, callback<RecordEncoder<unknown>>()], {
      error: `expected one of ${formatNameSchema.options.join(', ')}, or a function that encodes one record`,
    }),
    recordsPerFile: positiveInteger.optional(),
    bytesPerFile: positiveInteger.optional(),
    compression: z.enum(['none', 'gzip']).optional(),
    store: storeSchema.optional(),
    resume: z.boolean().default(false),
    overwrite: z.boolean().default(false),
    signal: abortSignal.optional(),
  })
  .refine(({ resume, overwrite }) => !(resume && overwrite), {
    path: ['overwrite'],
    error: 'expected either resume or overwrite, found both',
  });

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
 * `bytesPerFile`. Up to 100,000 files have the order of the records when sorted by name. A missing folder is created. A
 * source without records is written as one file without records.
 *
 * A file becomes visible under its name only when it is complete and on the disk. An object in a store becomes visible
 * only when its upload is complete. The manifest is a JSON file beside the files, such as
 * `out/part.tfrecord.gz.manifest.json`. It is updated after each file. From 100 files on, it is updated each time the
 * number of files has grown by 1 %.
 *
 * With `resume`, the records of the files in the manifest are read from the source again, but not written again. If
 * the source emits the same records in the same order, the files are identical to those of an uninterrupted run. For
 * example, `shuffle` needs a seed for this. Millrace detects a source that is too short, changed options, and kept
 * files with a different size, but no other changes.
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
 * - a ChannelError with `path`, `errno` or `status` if a file cannot be written. Without `overwrite`, this includes a
 *   file that another run has written under the same name;
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
  requireOptions('writeRecords', options, "{ recordFormat: 'TFRecord' }");
  const checked = parseOptions('writeRecords', argumentsSchema, { ...options, pattern });
  const { recordFormat, recordsPerFile, bytesPerFile, resume, overwrite, signal } = checked;
  const shards = parseShardPattern(withLowerScheme(checked.pattern));
  requirePlaceholder(shards, { recordsPerFile, bytesPerFile });
  const store = storeFor(shards, checked.store);
  const fresh: Manifest = {
    version: 1,
    pattern: checked.pattern,
    recordFormat: typeof recordFormat === 'function' ? 'custom' : recordFormat,
    compression: compressionFor(checked),
    recordsPerFile,
    bytesPerFile,
    isComplete: false,
    records: 0,
    bytes: 0,
    files: [],
  };
  const encode = (
    typeof recordFormat === 'function' ? recordFormat : RECORD_FORMATS[recordFormat].encode
  ) as RecordEncoder<R>;
  const run = async (): Promise<Manifest> => {
    signal?.throwIfAborted();
    const earlier = await findEarlierRun(fresh, { store, pattern: shards, resume, overwrite, signal });
    if (earlier.manifest.isComplete) return earlier.manifest;
    const job = new RecordsJob<R>(earlier, { store, pattern: shards, encode, overwrite, signal });
    return job.run(source$.pipe(abortable(signal)));
  };
  return run();
}

function requirePlaceholder(
  { isSharded, text }: ShardPattern,
  limits: Readonly<Record<string, number | undefined>>,
): void {
  const limit = Object.keys(limits).find((name) => limits[name] !== undefined);
  if (isSharded || limit === undefined) return;
  const message = `writeRecords: pattern: expected {shard} in the name, because ${limit} can make several files, found ${text}`;
  throw new ConfigError(message, { path: 'pattern' });
}

/** @throws ConfigError if the extension contradicts the compression, because readers trust the extension. */
function compressionFor({ pattern, compression }: z.output<typeof argumentsSchema>): 'none' | 'gzip' {
  const named = compressionOfName(pattern);
  if (named === undefined) return compression ?? 'none';
  if (named === 'gzip' && compression !== 'none') return 'gzip';
  const message =
    compression === 'none'
      ? `the name says ${named}, but compression is none: use a name without this extension`
      : `the name says ${named}, but writeRecords can only write gzip: use a name that ends in .gz`;
  throw new ConfigError(`writeRecords: pattern: ${message}`, { path: 'pattern' });
}

/** @throws ConfigError if the store cannot write, or does not support the scheme of the URL. */
function storeFor({ text }: ShardPattern, given: Store | undefined): WritableStore {
  const store = given ?? fileStore();
  if (typeof (store as Partial<WritableStore>).create !== 'function') {
    const message = 'writeRecords: store: this store cannot write: use fileStore() or s3Store(client)';
    throw new ConfigError(message, { path: 'store' });
  }
  const scheme = /^[a-z][a-z0-9+.-]+:\/\//.exec(text)?.[0];
  const takes =
    scheme === undefined ? store.schemes.length === 0 : store.schemes.some((prefix) => text.startsWith(prefix));
  if (takes) return store as WritableStore;
  const expected =
    scheme === undefined ? 'a path needs fileStore(), the default' : `${scheme} needs a store that writes it`;
  const example = scheme === 's3://' ? ', such as s3Store(client) of millrace/s3' : '';
  throw new ConfigError(`writeRecords: store: ${expected}${example}`, { path: 'store' });
}
