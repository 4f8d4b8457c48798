import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ConfigError } from '../../base/errors.js';

/** Makes an error that names the channel. Its `path` is the path in the job. */
export type Fault = (message: string, cause?: unknown) => ConfigError;

export const s3MapSchema = z.record(
  z.string().regex(/^s3:\/\/[^/]+(\/.*)?$/, 'expected s3://bucket or s3://bucket/prefix'),
  z.string().min(1, 'expected the path of a folder'),
);

export interface S3Mapping {
  /** The prefix without a slash at the end. */
  readonly prefix: string;
  /** The real path of the folder, or its absolute path if it does not exist. */
  readonly folder: string;
}

/** Resolves the folders, and sorts the map: the longest prefix first. */
export async function readS3Map(map: z.output<typeof s3MapSchema>): Promise<readonly S3Mapping[]> {
  const mappings = Object.entries(map).map(async ([prefix, folder]) => {
    const path = resolve(folder);
    return { prefix: prefix.replace(/\/+$/, ''), folder: await realpath(path).catch(() => path) };
  });
  return (await Promise.all(mappings)).sort((a, b) => b.prefix.length - a.prefix.length);
}

export interface Location {
  readonly path: string;
  /** The folder that replaces the S3 prefix, if the URI is in S3. */
  readonly root: string | undefined;
}

export interface LocateOptions {
  readonly relativeTo: string;
  readonly s3Map: readonly S3Mapping[];
  readonly fault: Fault;
}

/** Returns the scheme in lower case, or `undefined` for a path. */
export function schemeOf(uri: string): string | undefined {
  return /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(uri)?.[1]?.toLowerCase();
}

export function locate(uri: string, { relativeTo, s3Map, fault }: LocateOptions): Location {
  const scheme = schemeOf(uri);
  if (scheme === 's3') return locateMapped(uri, s3Map, fault);
  if (scheme === undefined && !/^file:/i.test(uri)) return { path: resolve(relativeTo, uri), root: undefined };
  if (scheme !== undefined && scheme !== 'file') {
    throw fault(
      `expected a path, a file:// URL or an s3:// URI, found ${uri}: download it, and write the path of the copy`,
    );
  }
  try {
    return { path: fileURLToPath(uri), root: undefined };
  } catch (cause) {
    throw fault(`${uri} is not a file:// URL of this machine`, cause);
  }
}

function locateMapped(uri: string, s3Map: readonly S3Mapping[], fault: Fault): Location {
  const found = s3Map.find(({ prefix }) => uri === prefix || uri.startsWith(`${prefix}/`));
  if (found === undefined) {
    const known =
      s3Map.length === 0 ? '' : ` The map has the prefixes ${s3Map.map(({ prefix }) => prefix).join(', ')}.`;
    const prefix = uri.replace(/\/+$/, '');
    throw fault(
      `${uri} is in S3, and the local agent does not read S3. Set the folder of a local copy with ` +
        `--map ${prefix}=<folder>, or with the option map in code.${known} To make a copy, run aws s3 cp --recursive ${prefix} <folder>`,
    );
  }
  const key = uri.slice(found.prefix.length + 1);
  if (key.split('/').some((part) => part === '.' || part === '..')) {
    throw fault(`${uri} contains the part . or .., which is not allowed in an S3 URI here`);
  }
  return { path: resolve(found.folder, key), root: found.folder };
}
