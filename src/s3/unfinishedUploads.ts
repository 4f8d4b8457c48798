import { abortReasonOr } from '../base/abortReasonOr.js';
import { parseS3Url, type S3Address } from './s3Address.js';
import { noS3Answer } from './s3Answer.js';
import { cannotRemoveUploads } from './sdkErrors.js';
import { sendLimited } from './sendLimited.js';
import type { S3Context } from './s3Context.js';

interface UnfinishedUpload {
  readonly Key: string;
  readonly UploadId: string;
}

const NO_LIST = 'without a list of uploads (ListMultipartUploadsResult)';

/** Lists the uploads that were neither completed nor aborted. */
export async function* unfinishedUploads(
  context: S3Context,
  { bucket: Bucket, key: Prefix }: S3Address,
  signal: AbortSignal | undefined,
): AsyncGenerator<UnfinishedUpload> {
  const { sdk, requestPayer } = context;
  const send = sendLimited(context, signal);
  const url = `s3://${Bucket}/${Prefix}`;
  const incorrect = (finding: string): Error => noS3Answer(`Cannot list the uploads of ${url}`, url, finding);
  const markers = new Set<string>();
  for (let from = {}; ;) {
    const page = { Bucket, Prefix, RequestPayer: requestPayer, ...from };
    const listed = await send(new sdk.ListMultipartUploadsCommand(page));
    if (listed.Bucket === undefined && listed.IsTruncated === undefined) throw incorrect(NO_LIST);
    for (const { Key = '', UploadId = '' } of listed.Uploads ?? []) {
      // An AbortMultipartUpload without an UploadId is a DeleteObject.
      if (UploadId === '' || !Key.startsWith(Prefix))
        throw incorrect(
          `with the upload ${JSON.stringify({ Key, UploadId })}, outside the prefix or without an UploadId`,
        );
      yield { Key, UploadId };
    }
    if (listed.IsTruncated !== true) return;
    from = { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker };
    const marker = JSON.stringify(from);
    if (listed.NextKeyMarker === undefined || markers.has(marker))
      throw incorrect('with IsTruncated, without a new NextKeyMarker');
    markers.add(marker);
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
  const send = sendLimited(context, signal);
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
