import { env } from 'node:process';
import { loadS3Sdk } from '../s3/s3Sdk.js';
import { s3Store } from '../s3/s3Store.js';
import { httpStore } from '../stores/httpStore.js';
import type { Store } from '../stores/store.js';

const BEGINNING = /^(s3|https?)(?:$|:\/\/)/;

/**
 * Makes a store that reads the URLs with this beginning. `s3` stands for `s3://`.
 *
 * @param text - `s3`, `https`, `http`, or the beginning of such URLs.
 * @throws ConfigError (as a rejection) for `s3` if the SDK is not installed.
 */
export async function commandStore(text: string): Promise<Store> {
  const [, scheme = ''] = BEGINNING.exec(text) ?? [];
  const store = scheme === 's3' ? s3Store(await newClient()) : httpStore();
  return { ...store, schemes: [text === scheme ? `${scheme}://` : text] };
}

/** Region, credentials and endpoint are those of the environment and of `~/.aws`. */
async function newClient() {
  const { S3Client } = await loadS3Sdk();
  const hasOwnEndpoint = (env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'] ?? '') !== '';
  // Other servers than Amazon's often have no host for each bucket.
  return new S3Client({ forcePathStyle: hasOwnEndpoint });
}
