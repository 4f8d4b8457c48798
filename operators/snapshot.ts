import { types } from 'node:util';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { nodeCrypto } from '../src/base/nodeCrypto.js';
import { lazy } from '../src/base/lazy.js';
import { ConfigError, ValueError } from '../src/base/errors.js';
import { problemOfPath, urlScheme } from '../src/base/localPath.js';
import { abortSignal } from '../src/base/optionFields.js';
import { parseOptions, requireOptions } from '../src/base/parseOptions.js';
import { requirePlain } from '../src/base/itemCodec.js';
import { keepItems } from '../src/snapshots/keepItems.js';
import type { Store, WritableStore } from '../src/stores/store.js';
import { storeSchema } from '../src/stores/storeSchema.js';
import { problemOfUrl, withLowerScheme } from '../src/stores/storeUrl.js';
import { writableStore } from '../src/stores/writableStore.js';

/** Options of {@link snapshot}. */
export interface SnapshotOptions {
  /**
   * A plain value that identifies the items, such as `'resize-224 v1'`, or a function that returns this value or a
   * promise of it. Millrace cannot compare functions, so change the key if the data or an upstream operator changes.
   * The function is called at the start of each epoch, and at the end if the epoch is written.
   */
  readonly key: unknown;
  /** The store of the folder. Default: `fileStore()`. A URL needs a store for its scheme, such as `s3Store(client)`. */
  readonly store?: WritableStore | undefined;
  /** If the signal is aborted, the Observable fails with the signal's reason, also while a snapshot is read. */
  readonly signal?: AbortSignal | undefined;
}

const folder = lazy(() =>
  z
    .string()
    .min(1, 'expected a path or a URL')
    .superRefine((text, context) => {
      const message = problemOfUrl(text) ?? (urlScheme(text) === undefined ? problemOfPath(text) : undefined);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe('The path or URL of the folder of the snapshots.'),
);

export const snapshotSchema = lazy(() =>
  z.strictObject({
    folder: folder(),
    key: z
      .string()
      .optional()
      .describe(
        'Change this text after each change of your own code, or of the data of a Pipe mode channel. Required only if the pipeline contains one of these.',
      ),
  }),
);

const EXPECTED_KEY = "expected a value that identifies the items, such as 'resize-224 v1'";

const argumentsSchema = lazy(() =>
  snapshotSchema().extend({
    key: z.unknown().refine((key) => key !== undefined, EXPECTED_KEY),
    store: storeSchema().optional(),
    signal: abortSignal().optional(),
  }),
);

/**
 * Stores the items of the first complete epoch in a folder or bucket, for later epochs and processes, like `tf.data`'s
 * `snapshot`.
 *
 * ```ts
 * import { recordsFromFiles } from 'millrace';
 * import { mapAsync, shuffle, snapshot } from 'millrace/operators';
 * import sharp from 'sharp';
 *
 * const images$ = recordsFromFiles('photos/*.rec', { recordFormat: 'RecordIO' }).pipe(
 *   mapAsync((photo) => sharp(photo).resize(224, 224).raw().toBuffer()),
 *   snapshot('snapshots', { key: 'resize-224 v1' }),
 *   shuffle(1000), // after snapshot, so that each epoch has its own order
 * );
 * ```
 *
 * Each key has its own hidden file in the folder. Old files remain until you remove them.
 *
 * In the first epoch, items are written and emitted at the same time. The source pauses while the disk or bucket is
 * slow. After an error, an early unsubscription (with one process warning) or a crash, nothing is kept. If several
 * processes write a snapshot, the first complete one is kept.
 *
 * Later epochs do not subscribe to the source. Items are read on demand, in the same order, each with its own memory.
 * Items may contain NDArrays, typed arrays, arrays, plain objects, Maps, Sets, Dates and primitive values.
 *
 * Memory while writing: three blocks (each 1 MiB, or one larger item), and 40 MiB more for a bucket. Memory while
 * reading: 32 MiB.
 *
 * Fails with a ValueError for an item that cannot be stored or has 2 GiB or more, a ChannelError if the file cannot be
 * read or written, a FormatError if the file is damaged, and the errors of the source and of `key`.
 *
 * @param folder - a path relative to the working directory, or a URL such as `s3://bucket/snapshots`.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#snapshot
 */
export function snapshot<T>(folder: string, options: SnapshotOptions): MonoTypeOperatorFunction<T> {
  requireOptions('snapshot', options, "{ key: 'v1' }");
  const { key, ...place } = parseOptions('snapshot', argumentsSchema(), { ...options, folder });
  if (typeof key !== 'function') hashOf(key);
  return snapshotIn(place, typeof key === 'function' ? (key as () => unknown) : () => key);
}

/** Checked options of {@link snapshot}, without the key. */
export interface SnapshotPlace {
  readonly folder: string;
  readonly store?: Store | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** {@link snapshot} with checked options. */
export function snapshotIn<T>(place: SnapshotPlace, key: () => unknown): MonoTypeOperatorFunction<T> {
  const folder = withLowerScheme(place.folder).replace(/\/+$/, '');
  const store = writableStore('snapshot', folder, place.store);
  const url = async (): Promise<string> => `${folder}/.snapshot-${hashOf(await key())}`;
  return keepItems({ name: 'snapshot', store, signal: place.signal, path: folder, url });
}

/** @throws ConfigError if the key is `undefined`, contains a function or an object of a class, or contains itself. */
function hashOf(key: unknown): string {
  try {
    if (key === undefined) throw new TypeError(`${EXPECTED_KEY}, found nothing`);
    requirePlain('snapshot: key', key);
    const text = JSON.stringify([key], (_name, value: unknown) => {
      if (types.isMap(value) || types.isSet(value)) return [...value];
      // JSON has neither the type of an array nor the bytes of a DataView.
      if (ArrayBuffer.isView(value))
        return [Object.prototype.toString.call(value), Buffer.from(value.buffer, value.byteOffset, value.byteLength)];
      // The type distinguishes 1, 1n and '1', and JSON has neither bigints nor NaN.
      return typeof value === 'object' ? value : `${typeof value} ${value as string}`;
    });
    return nodeCrypto().createHash('sha256').update(text).digest('hex').slice(0, 32);
  } catch (cause) {
    const message = cause instanceof ValueError ? cause.message : `snapshot: key: ${(cause as Error).message}`;
    throw new ConfigError(message, { path: 'key', cause });
  }
}
