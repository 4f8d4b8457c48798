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
import { findEarlierRun } from './earlierRun.js';
import type { Manifest } from './manifest.js';
import type { RecordEncoder } from './recordBlocks.js';
import { RecordsJob } from './recordsJob.js';
import { parseShardPattern, shardPatternText, type ShardPattern } from './shardPattern.js';

/** The formats that take records of a type. Text is written by `TextLine` alone. */
export type RecordFormatFor<R> = [R] extends [Uint8Array]
  ? RecordFormat
  : [R] extends [string | Uint8Array]
    ? 'TextLine'
    : never;

/** Options of {@link writeRecords}. */
export interface WriteRecordsOptions<R> {
  /**
   * A format, or a function that encodes one record with its length or its end, such as
   * `(row) => encodeTextLine(JSON.stringify(row))`. The function must always return the same bytes for a record, and
   * not change them later.
   */
  readonly recordFormat: RecordFormatFor<R> | RecordEncoder<R>;
  /** The number of records of each file, except the last. Default: no limit. */
  readonly recordsPerFile?: number | undefined;
  /**
   * The largest size of a file in bytes, before compression. A larger record has a file of its own. Default: no limit.
   */
  readonly bytesPerFile?: number | undefined;
  /** Default: `gzip` if the pattern ends in `.gz`, otherwise `none`. */
  readonly compression?: 'none' | 'gzip' | undefined;
  /** Default: `fileStore()`. A URL needs the store of its scheme, such as `s3Store(client)`. */
  readonly store?: WritableStore | undefined;
  /**
   * Whether to go on after the last whole file of an interrupted run of the same pattern and options. If there is no
   * such run, the run starts as usual. If the run is complete, its manifest is returned at once. Default: false.
   */
  readonly resume?: boolean | undefined;
  /** Whether to replace the files of another run of the same pattern. Default: false. */
  readonly overwrite?: boolean | undefined;
  /** When the signal is aborted, the file that is being written is removed, and the promise rejects with its reason. */
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
 * Writes records to one file, or to numbered files of a limited size: shards.
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
 * `{shard}` becomes the number of the file: 00000, 00001 and so on. It is required with `recordsPerFile` or
 * `bytesPerFile`. Their order by name is the order of the records, up to 100,000 files. The folder is created if it is
 * missing. A source without records is written as one file without records.
 *
 * A file appears under its name when it is whole and on the disk, or not at all. Objects of a bucket are uploaded in
 * parts, and appear when the upload is completed. The manifest is a JSON file beside the files, such as
 * `out/part.tfrecord.gz.manifest.json`. It is updated after each file (with over 100 files, after 1 % more).
 *
 * With `resume`, the records of the files in the manifest are read from the source and dropped. Then the next file is
 * written. The files are the same bytes as those of an uninterrupted run, if the source is the same again: the same
 * records in the same order. So give `shuffle` a seed. Millrace notices a source that is too short, changed options,
 * and kept files of another size. It does not notice other changes. A run first removes the unfinished files of killed
 * runs of its pattern, so two runs must not write the same pattern at the same time.
 *
 * Requests records while it writes, and pauses the source while a disk or bucket is slow. Memory: three blocks of 1 MiB
 * or of one larger record, and the memory of the store: none for files, 40 MiB for a bucket. Compression runs on the
 * thread pool.
 *
 * Throws a ConfigError at the call for bad arguments. Rejects with a ConfigError if there are files of another run and
 * neither `resume` nor `overwrite` is set, or if a record cannot be encoded. Rejects with a ChannelError with `path`,
 * `errno` or `status` if a file cannot be written, with errors of the source, and with the reason of `signal`. Whole
 * files and the manifest stay then, and the unfinished file is removed. With `overwrite`, the old files are removed
 * when the first new file is whole.
 *
 * @param source$ - the records: Uint8Arrays, also strings for `TextLine`, or anything for a function.
 * @param pattern - a path relative to the working directory, or a URL such as `s3://bucket/train/part-{shard}.tfrecord`.
 */
export function writeRecords<R>(
  source$: Observable<R>,
  pattern: string,
  options: WriteRecordsOptions<R>,
): Promise<Manifest> {
  requireSource('writeRecords', source$, 'source$');
  requireOptions('writeRecords', options, "{ recordFormat: 'TFRecord' }");
  const checked = parseOptions('writeRecords', argumentsSchema, { pattern, ...options });
  const { recordFormat, recordsPerFile, bytesPerFile, resume, overwrite, signal } = checked;
  const shards = parseShardPattern(checked.pattern);
  requireShards(shards, { recordsPerFile, bytesPerFile });
  const store = storeFor(shards, checked.store);
  const fresh: Manifest = {
    version: 1,
    pattern,
    recordFormat: typeof recordFormat === 'function' ? 'custom' : recordFormat,
    compression: checked.compression ?? compressionFor(pattern),
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
    const job = new RecordsJob<R>(earlier, { store, pattern: shards, encode, signal });
    return job.run(source$.pipe(abortable(signal)));
  };
  return run();
}

function requireShards({ isSharded, text }: ShardPattern, limits: Readonly<Record<string, number | undefined>>): void {
  const limit = Object.keys(limits).find((name) => limits[name] !== undefined);
  if (isSharded || limit === undefined) return;
  const message = `writeRecords: pattern: expected {shard} in the name, because ${limit} can make several files, found ${text}`;
  throw new ConfigError(message, { path: 'pattern' });
}

/** @throws ConfigError if the name says another compression than gzip, because readers go by the name. */
function compressionFor(pattern: string): 'none' | 'gzip' {
  const named = compressionOfName(pattern);
  if (named === undefined || named === 'gzip') return named ?? 'none';
  const message = `writeRecords: pattern: the name says ${named}, but only gzip is written: use a name in .gz, or set compression`;
  throw new ConfigError(message, { path: 'pattern' });
}

/** @throws ConfigError if the store does not write, or has other URLs. */
function storeFor({ text }: ShardPattern, given: Store | undefined): WritableStore {
  const store = given ?? fileStore();
  const scheme = /^[a-z][a-z0-9+.-]+:\/\//i.exec(text)?.[0];
  const takes =
    scheme === undefined ? store.schemes.length === 0 : store.schemes.some((beginning) => text.startsWith(beginning));
  if (typeof (store as Partial<WritableStore>).create !== 'function') {
    const known = scheme ?? store.schemes.join(' and ');
    const message = `writeRecords: store: this store only reads ${known}: write with fileStore() or s3Store(client)`;
    throw new ConfigError(message, { path: 'store' });
  }
  if (takes) return store as WritableStore;
  const expected =
    scheme === undefined ? 'a path needs fileStore(), the default' : `${scheme} needs a store that writes it`;
  const example = scheme === 's3://' ? ', such as s3Store(client) of millrace/s3' : '';
  throw new ConfigError(`writeRecords: store: ${expected}${example}`, { path: 'store' });
}
