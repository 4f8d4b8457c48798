import { abortReasonOr } from '../base/abortReasonOr.js';
import { parseS3Url } from './s3Address.js';
import { cannotRemove } from './sdkErrors.js';
import type { SdkException } from './sdkException.js';
import { sendLimited } from './sendLimited.js';
import type { S3Context } from './s3Context.js';

export async function removeObject(context: S3Context, url: string, signal: AbortSignal | undefined): Promise<void> {
  const { bucket: Bucket, key: Key } = parseS3Url(url);
  const send = sendLimited(context, signal);
  try {
    await send(new context.sdk.DeleteObjectCommand({ Bucket, Key, RequestPayer: context.requestPayer }));
  } catch (error) {
    // S3 answers 204 if the object does not exist, but some servers answer 404.
    if ((error as SdkException | null)?.name === 'NoSuchKey') return;
    throw abortReasonOr(signal, cannotRemove(url, error));
  }
}
