import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ConfigError } from '../../base/errors.js';

export const s3MapSchema = lazy(() =>
  z.record(
    z.string().regex(/^s3:\/\/[^/]+(\/.*)?$/, 'expected s3://bucket or s3://bucket/prefix'),
    z.string().min(1, 'expected the path of a folder'),
  ),
);

export interface S3Mapping {
  /** The prefix without a final slash. */
  readonly prefix: string;
  /** The real path, or the absolute path if the folder does not exist. */
  readonly folder: string;
}

export interface S3Folders {
  readonly map: z.output<ReturnType<typeof s3MapSchema>>;
  readonly s3Root: string | undefined;
  /** True if a store reads the buckets that have no folder in `s3Root`. */
  readonly hasStore: boolean;
}

/**
 * Sorts the folders by precedence: the longest prefix of the map first, `s3Root` last.
 *
 * @throws ConfigError if `s3Root` is not a folder.
 */
export async function readS3Map({ map, s3Root, hasStore }: S3Folders): Promise<readonly S3Mapping[]> {
  const mappings = await Promise.all(
    Object.entries(map).map(async ([prefix, folder]) => mappingOf(prefix.replace(/\/+$/, ''), folder)),
  );
  const sorted = mappings.sort((a, b) => b.prefix.length - a.prefix.length);
  if (s3Root === undefined) return sorted;
  const buckets = await bucketsOf(s3Root);
  // `s3:/` is the prefix of all buckets: a slash, the bucket and the key follow.
  return [...sorted, ...buckets, ...(hasStore ? [] : [await mappingOf('s3:/', s3Root)])];
}

async function mappingOf(prefix: string, folder: string): Promise<S3Mapping> {
  const path = resolve(folder);
  return { prefix, folder: await realpath(path).catch(() => path) };
}

/** Each bucket has its own real path, because it may be a symbolic link. */
async function bucketsOf(s3Root: string): Promise<S3Mapping[]> {
  const names = await readdir(s3Root).catch((cause: unknown) => {
    const message = `s3Root (--s3-root): expected a folder with a folder for each bucket, found ${s3Root}: ${String(cause)}`;
    throw new ConfigError(message, { path: 's3Root', cause });
  });
  const buckets = names.map(async (name) => {
    const stats = await stat(join(s3Root, name)).catch(() => undefined);
    return stats?.isDirectory() ? [await mappingOf(`s3://${name}`, join(s3Root, name))] : [];
  });
  return (await Promise.all(buckets)).flat();
}
