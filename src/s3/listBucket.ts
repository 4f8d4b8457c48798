import type { ListObjectsV2CommandOutput, _Object } from '@aws-sdk/client-s3';
import { abortReasonOr } from '../base/abortReasonOr.js';
import type { StoredObject } from '../stores/store.js';
import { parseS3Url, type S3Address } from './s3Address.js';
import { noS3Answer } from './s3Answer.js';
import { cannotListBucket } from './sdkErrors.js';
import { sendLimited } from './sendLimited.js';
import type { S3Context } from './s3Context.js';

export async function* listBucket(
  context: S3Context,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredObject> {
  const { sdk, requestPayer } = context;
  const address = parseS3Url(prefix);
  const send = sendLimited(context, signal);
  const tokens = new Set<string>();
  let last: string | undefined;
  let next: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = { Bucket: address.bucket, Prefix: address.key, ContinuationToken: next, RequestPayer: requestPayer };
    const listed: ListObjectsV2CommandOutput = await send(new sdk.ListObjectsV2Command(page)).catch(
      (error: unknown) => {
        throw abortReasonOr(signal, cannotListBucket(prefix, error));
      },
    );
    requireList(prefix, listed);
    for (const entry of listed.Contents ?? []) {
      if (entry.Key === undefined) continue;
      yield storedObject(prefix, address, entry, last);
      last = entry.Key;
    }
    next = nextToken(prefix, listed, tokens);
  } while (next !== undefined);
}

/** The SDK turns an HTML page or an empty body into a response without fields. All servers send some of these. */
function requireList(prefix: string, { Name, KeyCount, IsTruncated }: ListObjectsV2CommandOutput): void {
  if (Name === undefined && KeyCount === undefined && IsTruncated === undefined)
    throw incorrect(prefix, 'without a list of objects (ListBucketResult)');
}

function storedObject(
  prefix: string,
  { bucket, key }: S3Address,
  { Key: name = '', Size: byteLength, ETag }: _Object,
  last: string | undefined,
): StoredObject {
  if (!name.startsWith(key)) throw incorrect(prefix, `with the key ${JSON.stringify(name)}, outside the prefix`);
  if (name === last) throw incorrect(prefix, `with the key ${JSON.stringify(name)} twice`);
  if (byteLength !== undefined && !(Number.isSafeInteger(byteLength) && byteLength >= 0))
    throw incorrect(prefix, `with an invalid Size of the key ${JSON.stringify(name)}`);
  const version = ETag === '' ? undefined : ETag;
  return { url: `s3://${bucket}/${name}`, byteLength, version, hasRanges: byteLength !== undefined };
}

/** @param tokens - the tokens of the earlier pages. A repeated token would never end. */
function nextToken(
  prefix: string,
  { IsTruncated, NextContinuationToken: next = '' }: ListObjectsV2CommandOutput,
  tokens: Set<string>,
): string | undefined {
  if (next === '') {
    if (IsTruncated === true) throw incorrect(prefix, 'with IsTruncated, without a NextContinuationToken');
    return undefined;
  }
  if (tokens.has(next)) throw incorrect(prefix, 'with the NextContinuationToken of an earlier page');
  tokens.add(next);
  return next;
}

const incorrect = (prefix: string, finding: string): Error => noS3Answer(`Cannot list ${prefix}`, prefix, finding);
