import { sendLimited } from './sendLimited.js';
import type { SdkException } from './sdkErrors.js';
import type { Signer } from './signRange.js';

export interface S3Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly RequestPayer: Signer['requestPayer'];
}

/** Returns true if the object has exactly these bytes. */
export async function isStored(by: Signer, target: S3Target, bytes: Uint8Array): Promise<boolean> {
  if ((await lengthOf(by, target)) !== bytes.length) return false;
  if (bytes.length === 0) return true;
  const { Body } = await sendLimited(by, undefined)(new by.sdk.GetObjectCommand(target));
  return Body !== undefined && Buffer.from(bytes).equals(await Body.transformToByteArray());
}

/** Returns true if the upload has ended, and the object has its size. */
export async function isCompleted(
  by: Signer,
  { UploadId, ...target }: S3Target & { readonly UploadId: string | undefined },
  byteLength: number,
): Promise<boolean> {
  const command = new by.sdk.ListPartsCommand({ ...target, UploadId, MaxParts: 1 });
  const isPending = await sendLimited(by, undefined)(command).then(
    () => true,
    (error: unknown) => (error as SdkException).name !== 'NoSuchUpload',
  );
  return !isPending && (await lengthOf(by, target)) === byteLength;
}

/** Returns `undefined` if the object cannot be read. */
async function lengthOf(by: Signer, target: S3Target): Promise<number | undefined> {
  const command = new by.sdk.HeadObjectCommand(target);
  const { ContentLength } = await sendLimited(by, undefined)(command).catch(() => ({ ContentLength: undefined }));
  return ContentLength;
}
