import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { jsonFaultText } from '../../base/jsonFault.js';
import { parseOptions } from '../../base/parseOptions.js';
import { isWithin, localObject, realPathOf, type LocalObject } from './localObject.js';
import type { Fault } from '../job/locate.js';
import { locate, schemeOf } from '../job/locate.js';
import { mapFiles } from './mapFiles.js';
import { readManifestFile, type ManifestPlace } from './manifestPlace.js';

const manifestSchema = z.tuple([z.strictObject({ prefix: z.string().min(1) }), z.string()]).rest(z.string());

/**
 * Returns the objects that a manifest lists, in its order. A manifest is a JSON array: `{ "prefix": "…" }`, then keys
 * below this prefix. The prefix is a folder, relative to the manifest, or an `s3://` URI.
 *
 * @throws ConfigError if the manifest has another form, a file does not exist or is outside the manifest's root, or a
 *   key leads out of the prefix.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html, `S3Uri`
 */
export async function readManifest(place: ManifestPlace): Promise<readonly LocalObject[]> {
  const { path, signal } = place;
  const fault: Fault = (message, cause) => place.fault(`manifest ${path}: ${message}`, cause);
  const [{ prefix }, ...keys] = parseManifest(await readManifestFile(place), fault);
  const placeOf = schemeOf(prefix) === 's3' ? inS3(prefix, place) : await inFolder(prefix, { ...place, fault });
  const find = async (key: string, index: number) => {
    const inEntry: Fault = (message, cause) => fault(`entry ${index + 1}: ${message}`, cause);
    checkKey(key, inEntry);
    const { path: file, root } = placeOf(key, inEntry);
    return localObject(file, { key, root, fault: inEntry });
  };
  return mapFiles(keys, find, signal);
}

/** `root` is the folder that must contain the file. */
type PlaceOfKey = (key: string, fault: Fault) => { readonly path: string; readonly root: string };

/** S3 puts no slash between prefix and key. */
function inS3(prefix: string, { folder, root, s3Map }: ManifestPlace): PlaceOfKey {
  return (key, fault) => {
    const found = locate(prefix + key, { relativeTo: folder, s3Map, fault });
    return { path: found.path, root: found.root ?? root };
  };
}

async function inFolder(prefix: string, { folder, root, s3Map, fault }: ManifestPlace): Promise<PlaceOfKey> {
  const { path } = locate(prefix, { relativeTo: folder, s3Map, fault });
  if (!isWithin(await realPathOf(path, fault), root)) {
    throw fault(
      `the prefix ${prefix} is outside of the folder ${root}. To allow another folder, set manifestRoot (--manifest-root)`,
    );
  }
  return (key) => ({ path: join(path, key), root });
}

function parseManifest(bytes: Buffer, fault: Fault): z.output<typeof manifestSchema> {
  const text = new TextDecoder().decode(bytes);
  try {
    return parseOptions('expected [{ "prefix": "…" }, "key", …]', manifestSchema, JSON.parse(text));
  } catch (cause) {
    throw fault(
      cause instanceof ConfigError ? cause.message : `the file is not JSON: ${jsonFaultText(text, cause)}`,
      cause,
    );
  }
}

/**
 * Any text is a valid S3 key. The agent requires a path below the prefix, because in File mode the key becomes a path
 * below the channel's folder.
 */
function checkKey(key: string, fault: Fault): void {
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw fault(`${JSON.stringify(key)} is not the path of a file below the prefix`);
  }
}
