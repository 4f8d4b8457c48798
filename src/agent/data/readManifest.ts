import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { parseOptions } from '../../base/parseOptions.js';
import { isWithin, localObject, realPathOf, type LocalObject } from './localObject.js';
import type { Fault } from '../job/locate.js';
import { locate, schemeOf } from '../job/locate.js';
import { mapFiles } from './mapFiles.js';
import { readManifestFile, type ManifestPlace } from './manifestPlace.js';

const manifestSchema = z.tuple([z.strictObject({ prefix: z.string().min(1) }), z.string()]).rest(z.string());

/**
 * The objects that a manifest lists, in its order: a JSON array of `{ "prefix": "…" }` and the keys below it. The
 * prefix is a folder (a path relative to the manifest, or a `file://` URL) or an `s3://` URI that a map covers.
 *
 * @throws ConfigError where it is no such manifest, or names what cannot be served: a file that is not there, that is
 *   outside the manifest's root, or a key that leads out of the prefix.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html, `S3Uri`
 */
export async function readManifest(place: ManifestPlace): Promise<readonly LocalObject[]> {
  const { path, signal } = place;
  const fault: Fault = (message, cause) => place.fault(`manifest ${path}: ${message}`, cause);
  const [{ prefix }, ...keys] = parseManifest(await readManifestFile(place), fault);
  const placeOf = schemeOf(prefix) === 's3' ? inS3(prefix, place) : await inFolder(prefix, { ...place, fault });
  const find = async (key: string, index: number) => {
    const where: Fault = (message, cause) => fault(`entry ${index + 1}: ${message}`, cause);
    checkKey(key, where);
    const { path: file, root } = placeOf(key, where);
    return localObject(file, { key, root, fault: where });
  };
  return mapFiles(keys, find, signal);
}

/** Finds the file of a key, and the folder that it must lie in. */
type PlaceOfKey = (key: string, fault: Fault) => { readonly path: string; readonly root: string };

/** In S3, a prefix and a key are texts that are joined. */
function inS3(prefix: string, { folder, root, s3Map }: ManifestPlace): PlaceOfKey {
  return (key, fault) => {
    const found = locate(prefix + key, { relativeTo: folder, s3Map, fault });
    return { path: found.path, root: found.root ?? root };
  };
}

async function inFolder(prefix: string, { folder, root, s3Map, fault }: ManifestPlace): Promise<PlaceOfKey> {
  const { path } = locate(prefix, { relativeTo: folder, s3Map, fault });
  if (!isWithin(await realPathOf(path, fault), root)) {
    throw fault(`the prefix ${prefix} leads out of the folder ${root}; name a manifestRoot if that is meant`);
  }
  return (key) => ({ path: join(path, key), root });
}

function parseManifest(bytes: Buffer, fault: Fault): z.output<typeof manifestSchema> {
  try {
    return parseOptions(
      'expected [{ "prefix": "…" }, "key", …]',
      manifestSchema,
      JSON.parse(new TextDecoder().decode(bytes)),
    );
  } catch (cause) {
    throw fault(cause instanceof ConfigError ? cause.message : `it is not JSON: ${String(cause)}`, cause);
  }
}

/** S3 takes any text for a key. Here it becomes a path, below the prefix and in File mode below the channel's folder. */
function checkKey(key: string, fault: Fault): void {
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw fault(`${JSON.stringify(key)} leads out of the prefix, or is no path of a file below it`);
  }
}
