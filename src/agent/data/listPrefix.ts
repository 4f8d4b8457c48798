import { abortReasonOr } from '../../base/abortReasonOr.js';
import { ConfigError } from '../../base/errors.js';
import type { StoredObject } from '../../stores/store.js';
import { isSizedRangeObject } from '../../stores/storedIn.js';
import { isFolderMarker } from '../../stores/storeUrl.js';
import type { Fault, StoredPlace } from '../job/locate.js';
import type { ChannelObject } from './channelObject.js';
import { sortedBy } from './sortedBy.js';

/**
 * Lists every object whose key begins with the prefix, sorted by the bytes of the keys. `s3://bucket/train` also
 * matches `s3://bucket/train-2/x`, as in SageMaker.
 *
 * Leaves out empty objects whose key ends with a slash, like Amazon's local mode. The S3 console creates such objects
 * for folders.
 *
 * @throws ConfigError if there is no object, or if the store cannot list or read the objects.
 */
export async function listPrefix(
  { store, url }: StoredPlace,
  fault: Fault,
  signal?: AbortSignal,
): Promise<readonly ChannelObject[]> {
  const objects: ChannelObject[] = [];
  try {
    for await (const object of store.list(url, { signal })) {
      if (isFolderMarker(object)) continue;
      objects.push(channelObject({ store, url: object.url }, object, { key: keyBelow(url, object.url), fault }));
    }
  } catch (cause) {
    throw listFailure(cause, fault, signal);
  }
  if (objects.length === 0) throw fault(`no object has a key that begins with ${url}: check the bucket and the prefix`);
  return sortedBy(objects, ({ path }) => path);
}

/** @throws ConfigError if the store cannot read ranges of the object. */
export function channelObject(
  { store }: StoredPlace,
  object: StoredObject,
  { key, fault }: { readonly key: string; readonly fault: Fault },
): ChannelObject {
  const { url } = object;
  if (!isSizedRangeObject(object)) {
    throw fault(
      `${url} cannot be served: the store does not report the size of the object, or cannot read ranges of it`,
    );
  }
  return { key, path: url, byteLength: object.byteLength, stored: { store, object } };
}

/**
 * Returns the error to throw after a failed request: the signal's reason if the signal is aborted, otherwise a
 * ConfigError.
 */
export function listFailure(cause: unknown, fault: Fault, signal: AbortSignal | undefined): unknown {
  const error =
    cause instanceof ConfigError ? cause : fault(cause instanceof Error ? cause.message : String(cause), cause);
  return abortReasonOr(signal, error);
}

/** Returns the path in the channel's folder. An incomplete last name of the prefix stays in the path. */
function keyBelow(prefix: string, url: string): string {
  const rest = url.slice(prefix.length);
  if (prefix.endsWith('/')) return rest;
  return rest.startsWith('/') ? rest.slice(1) : url.slice(prefix.lastIndexOf('/') + 1);
}
