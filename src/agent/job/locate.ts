import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigError } from '../../base/errors.js';
import { problemOfScheme } from '../../base/localPath.js';
import type { Store } from '../../stores/store.js';
import { problemOfUrl } from '../../stores/storeUrl.js';
import type { S3Mapping } from './s3Map.js';

/**
 * Makes an error about a part of the job, such as a channel. Adds the part's name to the message, and its key as
 * `path`.
 */
export type Fault = (message: string, cause?: unknown) => ConfigError;

export interface LocalPlace {
  readonly path: string;
  /** The folder of `map` or `s3Root` that contains `path`. `undefined` for other URIs. */
  readonly root: string | undefined;
}

/** An object in a store, or the prefix of several objects. */
export interface StoredPlace {
  readonly url: string;
  readonly store: Store;
}

export type Location = LocalPlace | StoredPlace;

export interface LocateOptions {
  /** The folder to which a path is relative. `undefined` if the URI must be in S3. */
  readonly relativeTo: string | undefined;
  readonly s3Map: readonly S3Mapping[];
  readonly stores: readonly Store[];
  readonly fault: Fault;
}

export function isStored(place: Location): place is StoredPlace {
  return 'store' in place;
}

/** Returns the scheme in lower case, or `undefined` for a path. */
export function schemeOf(uri: string): string | undefined {
  return /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(uri)?.[1]?.toLowerCase();
}

/** If `s3Map` contains a prefix of an `s3://` URI, its folder is used. Otherwise, a store is used. */
export function locate(uri: string, { relativeTo, s3Map, stores, fault }: LocateOptions): Location {
  const scheme = schemeOf(uri);
  if (scheme === 's3') {
    return locateMapped(uri, s3Map, fault) ?? locateStored(uri, stores, fault) ?? refuseUnmapped(uri, s3Map, fault);
  }
  if (relativeTo === undefined) throw fault(`expected an s3:// URI, because the manifest is in S3, found ${uri}`);
  const problem = problemOfScheme(uri);
  if (problem !== undefined) throw fault(problem);
  if (scheme === undefined && !/^file:/i.test(uri)) return { path: resolve(relativeTo, uri), root: undefined };
  if (scheme !== undefined && scheme !== 'file') {
    throw fault(
      `expected a path, a file:// URL or an s3:// URI, found ${uri}: download the data, and use the path of the copy`,
    );
  }
  try {
    return { path: fileURLToPath(uri), root: undefined };
  } catch (cause) {
    throw fault(`${uri} is not a file:// URL of this machine`, cause);
  }
}

function locateMapped(uri: string, s3Map: readonly S3Mapping[], fault: Fault): LocalPlace | undefined {
  const found = s3Map.find(({ prefix }) => uri === prefix || uri.startsWith(`${prefix}/`));
  if (found === undefined) return undefined;
  const key = uri.slice(found.prefix.length + 1);
  if (key.split('/').some((part) => part === '.' || part === '..')) {
    throw fault(`${uri} contains the part . or .., which is not allowed in an S3 URI here`);
  }
  return { path: resolve(found.folder, key), root: found.folder };
}

function locateStored(uri: string, stores: readonly Store[], fault: Fault): StoredPlace | undefined {
  const problem = stores.length > 0 ? problemOfUrl(uri) : undefined;
  if (problem !== undefined) throw fault(problem);
  // The final slash excludes buckets with longer names, such as `bucket-2` for `bucket`.
  const url = /^s3:\/\/[^/]+$/.test(uri) ? `${uri}/` : uri;
  const store = stores.find(({ schemes }) => schemes.some((scheme) => url.startsWith(scheme)));
  return store && { url, store };
}

function refuseUnmapped(uri: string, s3Map: readonly S3Mapping[], fault: Fault): never {
  const known = s3Map.length === 0 ? '' : ` The map has the prefixes ${s3Map.map(({ prefix }) => prefix).join(', ')}.`;
  const prefix = uri.replace(/\/+$/, '');
  throw fault(
    `${uri} is in S3. Read it from S3 with --store s3 (in code: store). Or use a local copy: --map ${prefix}=<folder> ` +
      `(in code: map), or --s3-root <folder of the buckets> (in code: s3Root).${known} ` +
      `To make a copy, run aws s3 cp --recursive ${prefix} <folder>`,
  );
}
