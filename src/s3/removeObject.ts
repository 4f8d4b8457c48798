import { parseS3Url } from './s3Address.js';
import { cannotRemove, type SdkException } from './sdkErrors.js';
import { sendLimited } from './sendLimited.js';
import type { Signer } from './signRange.js';

export async function removeObject(by: Signer, url: string, signal: AbortSignal | undefined): Promise<void> {
  const { bucket: Bucket, key: Key } = parseS3Url(url);
  const send = sendLimited(by, signal);
  try {
    await send(new by.sdk.DeleteObjectCommand({ Bucket, Key, RequestPayer: by.requestPayer }));
  } catch (error) {
    // S3 answers 204 if the object does not exist, but some servers answer 404.
    if ((error as SdkException | null)?.name === 'NoSuchKey') return;
    throw signal?.aborted ? signal.reason : cannotRemove(url, error);
  }
}
