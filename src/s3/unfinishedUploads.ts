import { abortReasonOr } from '../base/abortReasonOr.js';
import { commandSender } from './commandSender.js';
import { ListingGuard } from './listingGuard.js';
import { parseS3Url, type S3Address } from './s3Address.js';
import { noS3Answer } from './s3Answer.js';
import type { S3Context } from './s3Context.js';
import { cannotRemoveUploads } from './sdkErrors.js';

interface UnfinishedUpload {
  readonly Key: string;
  readonly UploadId: string;
}

/** Lists the uploads that were neither completed nor aborted. */
export async function* unfinishedUploads(
  context: S3Context,
  { bucket: Bucket, key: Prefix }: S3Address,
  signal: AbortSignal | undefined,
): AsyncGenerator<UnfinishedUpload> {
  const { sdk, requestPayer } = context;
  const send = commandSender(context, signal);
  const url = `s3://${Bucket}/${Prefix}`;
  const incorrect = (finding: string): Error => noS3Answer(`Cannot list the uploads of ${url}`, url, finding);
  const guard = new ListingGuard('NextKeyMarker', incorrect);
  for (let from = {}; ;) {
    const page = { Bucket, Prefix, RequestPayer: requestPayer, ...from };
    const listed = await send(new sdk.ListMultipartUploadsCommand(page));
    for (const { Key = '', UploadId = '' } of listed.Uploads ?? []) {
      // An AbortMultipartUpload without an UploadId is a DeleteObject.
      const entry = `the upload ${JSON.stringify({ Key, UploadId })}`;
      if (UploadId === '' || !Key.startsWith(Prefix))
        throw incorrect(`with ${entry}, outside the prefix or without an UploadId`);
      guard.add(entry);
      yield { Key, UploadId };
    }
    if (listed.IsTruncated !== true) return;
    from = { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker };
    guard.requireNewToken(listed.NextKeyMarker === undefined ? undefined : JSON.stringify(from));
  }
}

/** Removes unfinished uploads, because their parts are invisible but cost money. */
export async function removeUploads(
  context: S3Context,
  prefix: string,
  {
    shouldRemove,
    signal,
  }: { readonly shouldRemove: (url: string) => boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { sdk, requestPayer } = context;
  const address = parseS3Url(prefix);
  const send = commandSender(context, signal);
  try {
    for await (const { Key, UploadId } of unfinishedUploads(context, address, signal)) {
      if (!shouldRemove(`s3://${address.bucket}/${Key}`)) continue;
      const upload = { Bucket: address.bucket, Key, UploadId, RequestPayer: requestPayer };
      await send(new sdk.AbortMultipartUploadCommand(upload));
    }
  } catch (error) {
    throw abortReasonOr(signal, cannotRemoveUploads(prefix, error));
  }
}
