import { dirname } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { reasonOfFailure } from '../../base/reasonOfFailure.js';
import type { Store } from '../../stores/store.js';
import { isStored, locate, type Fault, type LocateOptions, type Location } from '../job/locate.js';
import type { ChannelObject, StoredContent } from './channelObject.js';
import { findObjects, type Reference } from './findObjects.js';
import { listFailure } from './listPrefix.js';
import { realPathOf } from './localObject.js';
import { openRegularFile } from './openRegularFile.js';

/** A user may name a large data file by mistake, and manifests are read as a whole. */
const MAX_STORED_BYTES = 2 ** 31 - 1;

export interface ManifestPlace extends LocateOptions {
  readonly path: string;
  readonly store: Store | undefined;
  /** Relative paths in the manifest must lead to files in this folder. `undefined` if the manifest is in a store. */
  readonly root: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Options for finding the data of a channel. */
export interface FindOptions {
  /** The folder that must contain all files in manifests. Default: each manifest's folder. */
  readonly manifestRoot?: string | undefined;
  /** If it is aborted during the start, the agent removes its files, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export async function manifestPlace(
  place: Location,
  { manifestRoot, signal, ...locating }: FindOptions & LocateOptions,
): Promise<ManifestPlace> {
  if (isStored(place)) {
    return { ...locating, path: place.url, store: place.store, relativeTo: undefined, root: undefined, signal };
  }
  const { path } = place;
  const relativeTo = dirname(path);
  const root = await realPathOf(manifestRoot ?? relativeTo, locating.fault);
  return { ...locating, path, store: undefined, relativeTo, root, signal };
}

export function referenceTo(uri: string, key: string, place: ManifestPlace): Reference {
  const found = locate(uri, place);
  const { fault } = place;
  if (isStored(found)) return { key, place: found, fault };
  const root = found.root ?? place.root;
  // A manifest in S3 must not lead to other files of this machine.
  if (root === undefined) throw fault(`expected an s3:// URI, because the manifest is in S3, found ${uri}`);
  return { key, place: { path: found.path, root }, fault };
}

export async function readManifestFile(place: ManifestPlace): Promise<Uint8Array> {
  return place.store === undefined ? readLocal(place) : readStored(place, place.store);
}

/** Reads only a regular file, because a device or a pipe might never end. */
async function readLocal({ path, fault }: ManifestPlace): Promise<Buffer> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    const isNoFile = cause instanceof MillraceError;
    throw fault(
      isNoFile ? `the manifest ${cause.message}` : `cannot read the manifest ${path}: ${reasonOfFailure(cause)}`,
      cause,
    );
  });
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function readStored({ path: url, fault, signal }: ManifestPlace, store: Store): Promise<Uint8Array> {
  const inManifest: Fault = (message, cause) => fault(`the manifest: ${message}`, cause);
  const [found] = await findObjects([{ key: '', place: { url, store }, fault: inManifest }], signal);
  const { byteLength, stored } = found as ChannelObject & { readonly stored: StoredContent };
  if (byteLength > MAX_STORED_BYTES) {
    throw inManifest(`${url} is too large: expected at most ${MAX_STORED_BYTES} bytes, found ${byteLength}`);
  }
  return store.read(stored.object, 0, byteLength, { signal }).catch((cause: unknown) => {
    throw listFailure(cause, inManifest, signal);
  });
}
