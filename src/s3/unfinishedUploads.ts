import { parseS3Url } from './s3Address.js';
import { cannotWriteObject } from './sdkErrors.js';
import { sendLimited } from './sendLimited.js';
import type { Signer } from './signRange.js';

/** Removes multipart uploads that were neither completed nor aborted. Their parts are invisible, but cost money. */
export async function removeUploads(
  by: Signer,
  prefix: string,
  { isWanted, signal }: { readonly isWanted: (url: string) => boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { bucket: Bucket, key: Prefix } = parseS3Url(prefix);
  const { sdk, requestPayer } = by;
  const send = sendLimited(by, signal);
  try {
    for (let from = {}; ;) {
      const page = { Bucket, Prefix, RequestPayer: requestPayer, ...from };
      const listed = await send(new sdk.ListMultipartUploadsCommand(page));
      for (const { Key, UploadId } of listed.Uploads ?? []) {
        if (Key === undefined || !isWanted(`s3://${Bucket}/${Key}`)) continue;
        const upload = { Bucket, Key, UploadId, RequestPayer: requestPayer };
        await send(new sdk.AbortMultipartUploadCommand(upload));
      }
      if (listed.IsTruncated !== true) return;
      from = { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker };
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : cannotWriteObject(prefix, error);
  }
}
