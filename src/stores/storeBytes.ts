import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { concurrencyField } from '../base/autoConcurrency.js';
import { ConfigError } from '../base/errors.js';
import { rememberOrigin } from '../base/origins.js';
import { parseOptions, positiveInteger, requireOptions } from '../base/parseOptions.js';
import { unlessWritten } from '../demand/output.js';
import { pullSource, type Outlet, type Puller } from '../demand/pullSource.js';
import { shownUrl } from './objectErrors.js';
import { openRanges, type ObjectReading, type OpenRanges } from './rangeWindow.js';
import { byteOffset, storedObject } from './requireRange.js';
import type { Store, StoredObject } from './store.js';
import { isSizedRangeObject, type StoredIn } from './storedIn.js';
import { storeSchema } from './storeSchema.js';
import { wholeFrom } from './wholeFrom.js';

/** Options for reading objects of stores. */
export interface StoreReadingOptions {
  /** The size of a range, in bytes. Default: 8 MiB. */
  readonly rangeBytes?: number | undefined;
  /**
   * The maximum number of ranges that are requested or ready at the same time. Default: 4. `auto` begins with 4, and
   * increases the number while this reduces the waiting time of the consumer. The limit is 64 ranges, or the memory of
   * 16 full ranges.
   */
  readonly concurrency?: number | 'auto' | undefined;
}

export const DEFAULT_READING = { rangeBytes: 8 * 1024 * 1024, concurrency: 4 };

export const storeReadingFields = lazy(() => ({
  rangeBytes: positiveInteger().default(DEFAULT_READING.rangeBytes),
  concurrency: concurrencyField().default(DEFAULT_READING.concurrency),
}));

/** Options of {@link storeBytes}. */
export interface StoreBytesOptions extends StoreReadingOptions {
  /** The offset of the first byte to read. Default: 0. */
  readonly start?: number | undefined;
}

const argumentsSchema = lazy(() =>
  z.strictObject({
    store: storeSchema(),
    object: storedObject(),
    ...storeReadingFields(),
    start: byteOffset().default(0),
  }),
);

/**
 * Reads an object of a store on demand, and emits its bytes in order.
 *
 * ```ts
 * import { httpStore, storeBytes } from 'millrace';
 * import { decodeTFRecord } from 'millrace/operators';
 *
 * const store = httpStore();
 * for await (const object of store.list('https://example.org/train.tfrecord')) {
 *   storeBytes(store, object).pipe(decodeTFRecord()).subscribe((record) => console.log(record.length));
 * }
 * ```
 *
 * Requests up to `concurrency` ranges at the same time. While the consumer requests nothing, no further range is
 * requested. Ranges that are already requested are read completely, so that no connection is blocked. Each chunk is
 * newly allocated memory of at most 1 MiB. Memory: `concurrency` × `rangeBytes`.
 *
 * An object that does not support ranges is read from its start in one request, in chunks of any size. The connection
 * waits while the consumer requests nothing. The bytes before `start` are read and dropped.
 *
 * Throws a ConfigError at the call if an argument is invalid, or if `start` is after the end of the object. Fails with
 * a ChannelError: `ERR_CHANNEL_CHANGED` if the object has changed since it was listed, otherwise `ERR_CHANNEL_IO`. The
 * bytes before an error are emitted first. Unsubscribing ends all requests.
 *
 * @param object - an object that `store.list` has returned.
 */
export function storeBytes(
  store: Store,
  object: StoredObject,
  options: StoreBytesOptions = {},
): Observable<Uint8Array> {
  requireOptions('storeBytes', options, '{ rangeBytes, concurrency }');
  const { start, rangeBytes, concurrency } = parseOptions('storeBytes', argumentsSchema(), {
    store,
    object,
    ...options,
  });
  const { url, byteLength } = object;
  if (byteLength !== undefined && start > byteLength) {
    const message = `storeBytes: start: expected at most ${byteLength}, the size of ${url}, found ${start}`;
    throw new ConfigError(message, { path: 'start' });
  }
  const stored = { store, object };
  const open = openRanges(stored, { rangeBytes, concurrency }, start);
  return unlessWritten(objectBytes(stored, { name: 'storeBytes', start, open }), url);
}

interface ObjectBytesOptions {
  readonly name: string;
  readonly start?: number;
  /** Opens the ranges from `start` on. Not called for an object without ranges. */
  readonly open: OpenRanges;
}

/** Like {@link storeBytes}, but with a different name in reports. The caller must have checked the arguments. */
export function objectBytes(
  { store, object }: StoredIn,
  { name, start = 0, open }: ObjectBytesOptions,
): Observable<Uint8Array> {
  const path = shownUrl(object.url);
  return pullSource((outlet) => {
    let offset = start;
    const deliver = (chunk: Uint8Array): void => {
      rememberOrigin(chunk, path, offset);
      offset += chunk.length;
      outlet.deliver(chunk);
    };
    const to = { ...outlet, deliver };
    return isSizedRangeObject(object) ? pullRanges(open(), to) : wholeFrom(store, object, start, to);
  }, name);
}

function pullRanges({ next, close }: ObjectReading, outlet: Outlet<Uint8Array>): Puller {
  const take = (chunk: Uint8Array | undefined): void => (chunk ? outlet.deliver(chunk) : outlet.complete());
  return { pull: () => void next().then(take, outlet.fail), close };
}
