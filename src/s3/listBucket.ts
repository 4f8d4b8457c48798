import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { StoredObject } from '../stores/store.js';
import { parseS3Url } from './s3Address.js';
import { cannotListBucket } from './sdkErrors.js';
import { sendLimited } from './sendLimited.js';
import type { Signer } from './signRange.js';

export async function* listBucket(
  by: Signer,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredObject> {
  const { sdk, requestPayer } = by;
  const { bucket, key } = parseS3Url(prefix);
  const send = sendLimited(by, signal);
  let next: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = { Bucket: bucket, Prefix: key, ContinuationToken: next, RequestPayer: requestPayer };
    const listed: ListObjectsV2CommandOutput = await send(new sdk.ListObjectsV2Command(page)).catch(
      (error: unknown) => {
        throw signal?.aborted ? signal.reason : cannotListBucket(prefix, error);
      },
    );
    for (const { Key: name, Size: byteLength, ETag: version } of listed.Contents ?? []) {
      if (name !== undefined)
        yield { url: `s3://${bucket}/${name}`, byteLength, version, hasRanges: byteLength !== undefined };
    }
    next = listed.NextContinuationToken;
  } while (next !== undefined);
}
