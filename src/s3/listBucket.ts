import type { ListObjectsV2CommandOutput, _Object } from '@aws-sdk/client-s3';
import { abortReasonOr } from '../base/abortReasonOr.js';
import type { StoredObject } from '../stores/store.js';
import { commandSender } from './commandSender.js';
import { ListingGuard } from './listingGuard.js';
import { parseS3Url, type S3Address } from './s3Address.js';
import { noS3Answer } from './s3Answer.js';
import type { S3Context } from './s3Context.js';
import { cannotListBucket } from './sdkErrors.js';

export async function* listBucket(
  context: S3Context,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredObject> {
  const { sdk, requestPayer } = context;
  const address = parseS3Url(prefix);
  const send = commandSender(context, signal);
  const guard = new ListingGuard('NextContinuationToken', (finding) => incorrect(prefix, finding));
  let next: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = { Bucket: address.bucket, Prefix: address.key, ContinuationToken: next, RequestPayer: requestPayer };
    const listed: ListObjectsV2CommandOutput = await send(new sdk.ListObjectsV2Command(page)).catch(
      (error: unknown) => {
        throw abortReasonOr(signal, cannotListBucket(prefix, error));
      },
    );
    for (const entry of listed.Contents ?? []) {
      guard.add(`the key ${JSON.stringify(entry.Key)}`);
      yield storedObject(prefix, address, entry);
    }
    // Some servers send an empty token at the end.
    next = listed.NextContinuationToken === '' ? undefined : listed.NextContinuationToken;
    if (next !== undefined || listed.IsTruncated === true) guard.requireNewToken(next);
  } while (next !== undefined);
}

function storedObject(
  prefix: string,
  { bucket, key }: S3Address,
  { Key: name = '', Size: byteLength, ETag }: _Object,
): StoredObject {
  const shown = JSON.stringify(name);
  if (name === '' || !name.startsWith(key)) throw incorrect(prefix, `with the key ${shown}, outside the prefix`);
  if (!Number.isSafeInteger(byteLength) || Number(byteLength) < 0)
    throw incorrect(prefix, `without a valid Size of the key ${shown}`);
  return { url: `s3://${bucket}/${name}`, byteLength, version: quoted(ETag), hasRanges: true };
}

/** Some servers list ETags without the quotes that HTTP requires in headers. */
function quoted(eTag: string | undefined): string | undefined {
  if (eTag === undefined || eTag === '') return undefined;
  return eTag.endsWith('"') ? eTag : `"${eTag}"`;
}

const incorrect = (prefix: string, finding: string): Error => noS3Answer(`Cannot list ${prefix}`, prefix, finding);
