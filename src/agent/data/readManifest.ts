import { join } from 'node:path';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ConfigError } from '../../base/errors.js';
import { jsonFaultText } from '../../base/jsonFault.js';
import { parseOptions } from '../../base/parseOptions.js';
import type { ChannelObject } from './channelObject.js';
import { findObjects, type Reference } from './findObjects.js';
import { isWithin, realPathOf } from './localObject.js';
import { schemeOf, type Fault, type LocalPlace } from '../job/locate.js';
import { readManifestFile, referenceTo, type ManifestPlace } from './manifestPlace.js';

const manifestSchema = lazy(() =>
  z.tuple([z.strictObject({ prefix: z.string().min(1) }), z.string()]).rest(z.string()),
);

/**
 * Returns the listed objects in order. A manifest is a JSON array. Its first element is `{ "prefix": "…" }`, all other
 * elements are keys relative to this prefix. The prefix is an `s3://` URI, or a folder relative to the folder of the
 * manifest.
 *
 * @throws ConfigError if the manifest is malformed, a file does not exist or is outside the manifest's root, or a key
 *   is outside the prefix.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html, `S3Uri`
 */
export async function readManifest(place: ManifestPlace): Promise<readonly ChannelObject[]> {
  const { path, signal } = place;
  const fault: Fault = (message, cause) => place.fault(`manifest ${path}: ${message}`, cause);
  const [{ prefix }, ...keys] = parseManifest(await readManifestFile(place), fault);
  const inPrefix = { ...place, fault };
  const referenceOf = schemeOf(prefix) === 's3' ? inS3(prefix, inPrefix) : await inFolder(prefix, inPrefix);
  const references = keys.map((key, index) => {
    const inEntry: Fault = (message, cause) => fault(`entry ${index + 1}: ${message}`, cause);
    checkKey(key, inEntry);
    return referenceOf(key, inEntry);
  });
  return findObjects(references, signal);
}

type ReferenceOfKey = (key: string, fault: Fault) => Reference;

/** S3 puts no slash between prefix and key. */
function inS3(prefix: string, place: ManifestPlace): ReferenceOfKey {
  return (key, fault) => referenceTo(prefix + key, key, { ...place, fault });
}

async function inFolder(prefix: string, place: ManifestPlace): Promise<ReferenceOfKey> {
  const { place: folder } = referenceTo(prefix, '', place);
  // Only an s3:// URI leads to a store.
  const { path, root } = folder as LocalPlace & { readonly root: string };
  if (!isWithin(await realPathOf(path, place.fault), root)) {
    throw place.fault(
      `the prefix ${prefix} is outside of the folder ${root}. To allow a different folder, set manifestRoot ` +
        '(--manifest-root)',
    );
  }
  return (key, fault) => ({ key, place: { path: join(path, key), root }, fault });
}

function parseManifest(bytes: Uint8Array, fault: Fault): z.output<ReturnType<typeof manifestSchema>> {
  const text = new TextDecoder().decode(bytes);
  try {
    return parseOptions('expected [{ "prefix": "…" }, "key", …]', manifestSchema(), JSON.parse(text));
  } catch (cause) {
    throw fault(
      cause instanceof ConfigError ? cause.message : `the file is not JSON: ${jsonFaultText(text, cause)}`,
      cause,
    );
  }
}

/** In S3, any text can be a key. In File mode, the key becomes a path. */
function checkKey(key: string, fault: Fault): void {
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw fault(`${JSON.stringify(key)} is not the relative path of a file inside the prefix`);
  }
}
