import { backOff } from '../stores/http/retry.js';
import { commandSender } from './commandSender.js';
import type { S3Context, S3Target } from './s3Context.js';
import { unfinishedUploads } from './unfinishedUploads.js';

/**
 * `pending`: the server has not completed the upload, so the upload can be removed. `unknown`: the server may still
 * complete the upload. `gone`: the server no longer has the upload, and the object has a different size.
 */
export type UploadState = 'completed' | 'pending' | 'unknown' | 'gone';

export async function hasBytes(
  context: S3Context,
  target: S3Target,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await lengthOf(context, target, signal)) !== bytes.length) return false;
  if (bytes.length === 0) return true;
  const { Body } = await commandSender(context, signal)(new context.sdk.GetObjectCommand(target));
  return Body !== undefined && Buffer.from(bytes).equals(await Body.transformToByteArray());
}

/**
 * Returns the state of an upload after a failed request to complete it. Checks a pending upload again, because the
 * server may still be completing it. `unknown` means that a check failed.
 */
export async function stateOfUpload(
  context: S3Context,
  { UploadId, ...target }: S3Target & { readonly UploadId: string | undefined },
  byteLength: number,
  signal: AbortSignal,
): Promise<UploadState> {
  for (let attempt = 1; ; attempt++) {
    const isPending = await isUnfinished(context, { ...target, UploadId }, signal).catch(() => undefined);
    if (isPending === undefined) return 'unknown';
    if (!isPending) return (await lengthOf(context, target, signal)) === byteLength ? 'completed' : 'gone';
    if (attempt >= context.retry.attempts) return 'pending';
    const wait = backOff(context.retry, { failedAttempt: attempt, retryAfter: undefined, signal });
    // After an abort, the next check fails.
    await wait.catch(() => undefined);
  }
}

async function isUnfinished(
  context: S3Context,
  { Bucket, Key, UploadId }: S3Target & { readonly UploadId: string | undefined },
  signal: AbortSignal,
): Promise<boolean> {
  for await (const upload of unfinishedUploads(context, { bucket: Bucket, key: Key }, signal)) {
    if (upload.UploadId === UploadId) return true;
  }
  return false;
}

/** Returns `undefined` if the object cannot be read. */
async function lengthOf(context: S3Context, target: S3Target, signal: AbortSignal): Promise<number | undefined> {
  const command = new context.sdk.HeadObjectCommand(target);
  const { ContentLength } = await commandSender(context, signal)(command).catch(() => ({ ContentLength: undefined }));
  return ContentLength;
}
