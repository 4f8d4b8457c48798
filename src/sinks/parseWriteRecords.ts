import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError } from '../base/errors.js';
import { abortSignal } from '../base/optionFields.js';
import { callback, parseOptions, positiveInteger, requireOptions } from '../base/parseOptions.js';
import { compressionOfName } from '../formats/compression/compressionOfName.js';
import { WRITABLE_FORMATS, writableNameSchema } from '../formats/recordFormats.js';
import type { WritableStore } from '../stores/store.js';
import { storeSchema } from '../stores/storeSchema.js';
import { withLowerScheme } from '../stores/storeUrl.js';
import { writableStore } from '../stores/writableStore.js';
import type { Manifest } from './manifest.js';
import type { RecordEncoder } from './recordBlocks.js';
import { parseShardPattern, shardPatternText, type ShardPattern } from './shardPattern.js';

const argumentsSchema = lazy(() =>
  z
    .strictObject({
      pattern: shardPatternText(),
      recordFormat: z.union([writableNameSchema(), callback<RecordEncoder<unknown>>()], {
        error: `expected one of ${writableNameSchema().options.join(', ')}, or a function that encodes one record`,
      }),
      recordsPerFile: positiveInteger().optional(),
      bytesPerFile: positiveInteger().optional(),
      compression: z.enum(['none', 'gzip']).optional(),
      store: storeSchema().optional(),
      resume: z.boolean().default(false),
      overwrite: z.boolean().default(false),
      signal: abortSignal().optional(),
    })
    .refine(({ resume, overwrite }) => !(resume && overwrite), {
      path: ['overwrite'],
      error: 'expected either resume or overwrite, found both',
    }),
);

/** The validated arguments of `writeRecords`. */
export interface RunSettings<R> {
  readonly store: WritableStore;
  readonly pattern: ShardPattern;
  readonly encode: RecordEncoder<R>;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly signal: AbortSignal | undefined;
  /** The manifest before the first file. */
  readonly fresh: Manifest;
}

/** @throws ConfigError if an argument of `writeRecords` is invalid. */
export function parseWriteRecords<R>(
  pattern: string,
  options: { readonly recordFormat: string | RecordEncoder<R> },
): RunSettings<R> {
  requireOptions('writeRecords', options, "{ recordFormat: 'TFRecord' }");
  const checked = parseOptions('writeRecords', argumentsSchema(), { ...options, pattern });
  const { recordFormat, recordsPerFile, bytesPerFile, resume, overwrite, signal } = checked;
  const shards = parseShardPattern(withLowerScheme(checked.pattern));
  requirePlaceholder(shards, { recordsPerFile, bytesPerFile });
  const isCustom = typeof recordFormat === 'function';
  return {
    store: writableStore('writeRecords', shards.text, checked.store),
    pattern: shards,
    encode: (isCustom ? recordFormat : WRITABLE_FORMATS[recordFormat].encode) as RecordEncoder<R>,
    resume,
    overwrite,
    signal,
    fresh: {
      version: 1,
      pattern: checked.pattern,
      recordFormat: isCustom ? 'custom' : recordFormat,
      compression: compressionFor(checked),
      recordsPerFile,
      bytesPerFile,
      isComplete: false,
      records: 0,
      bytes: 0,
      files: [],
    },
  };
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
function compressionFor({ pattern, compression }: z.output<ReturnType<typeof argumentsSchema>>): 'none' | 'gzip' {
  const named = compressionOfName(pattern);
  if (named === undefined) return compression ?? 'none';
  if (named === 'gzip' && compression !== 'none') return 'gzip';
  const message =
    compression === 'none'
      ? `the name says ${named}, but compression is none: use a name without this extension`
      : `the name says ${named}, but writeRecords can only write gzip: use a name that ends in .gz`;
  throw new ConfigError(`writeRecords: pattern: ${message}`, { path: 'pattern' });
}
