import { loadS3Sdk } from '../s3/s3Context.js';
import { s3Store } from '../s3/s3Store.js';
import { httpStore } from '../stores/httpStore.js';
import { fileStore } from '../stores/fileStore.js';
import type { Store, WritableStore } from '../stores/store.js';

const STORE_PREFIX = /^(s3|https?)(?:$|:\/\/)/;

/**
 * @param text - `s3`, `https`, `http`, or a URL prefix such as `s3://bucket/`.
 * @throws ConfigError (as a rejection) if `s3` needs the SDK and the SDK is not installed.
 */
export async function commandStore(text: string): Promise<Store> {
  const [, scheme = ''] = STORE_PREFIX.exec(text) ?? [];
  const store = scheme === 's3' ? s3Store(await newClient()) : httpStore();
  return { ...store, schemes: [text === scheme ? `${scheme}://` : text] };
}

/** Returns `undefined` if the path or URL needs no store, or only the default store. */
export async function storeOfInput(path: string): Promise<Store | undefined> {
  return path.startsWith('s3://') ? commandStore('s3') : undefined;
}

export async function storeOfOutput(to: string): Promise<WritableStore> {
  return to.startsWith('s3://') ? ((await commandStore('s3')) as WritableStore) : fileStore();
}

/** Reads region, credentials and endpoint from the environment and from `~/.aws`. */
async function newClient() {
  const { S3Client } = await loadS3Sdk();
  const hasOwnEndpoint = [process.env['AWS_ENDPOINT_URL_S3'], process.env['AWS_ENDPOINT_URL']].some(
    (url) => url !== undefined && url !== '',
  );
  // Servers other than Amazon's may have no host name for each bucket.
  return new S3Client({ forcePathStyle: hasOwnEndpoint });
}
