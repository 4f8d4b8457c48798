import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { abortReasonOr } from '../base/abortReasonOr.js';
import { callback, isSpreadable, parseOptions, requireOptions } from '../base/parseOptions.js';
import { Connections } from '../stores/http/connections.js';
import { isSuccess, readRange, type RangeProtocol } from '../stores/http/readRange.js';
import { parseCallOptions, parseCreateOptions, parseReadOptions, requireRange } from '../stores/requireRange.js';
import type { WritableStore } from '../stores/store.js';
import { retryFields, type StoreRetryOptions } from '../stores/storeRetry.js';
import { requireKnownEncoding, type RangeOf } from '../stores/http/checkAnswer.js';
import type { ResponseHead } from '../stores/http/responseHead.js';
import { commandSender } from './commandSender.js';
import { explainS3 } from './explainS3.js';
import { listBucket } from './listBucket.js';
import { parseS3Url, s3Url } from './s3Address.js';
import { noS3Answer } from './s3Answer.js';
import { loadS3Sdk, type S3Context } from './s3Context.js';
import { S3Writer } from './s3Writer.js';
import { cannotRemove, cannotSign } from './sdkErrors.js';
import type { SdkException } from './sdkException.js';
import { handlerOf, hasOwnHandler, sendThrough } from './sendThrough.js';
import { signRange, wireRequest } from './signRange.js';
import { removeUploads } from './unfinishedUploads.js';

/** Options of {@link s3Store}. */
export interface S3StoreOptions extends StoreRetryOptions {
  /** Set this to `requester` for a Requester Pays bucket, so that the account of the client pays for the requests. */
  readonly requestPayer?: 'requester' | undefined;
  /**
   * The allowed values of Content-Encoding, such as `br`. The store never decodes the bytes. Default: encodings that
   * Millrace detects in the data (gzip, deflate, zstd), and `br` if the key ends in `.br`. Any other encoding is an
   * error.
   */
  readonly acceptEncoding?: string | undefined;
}

const argumentsSchema = lazy(() =>
  z.strictObject({
    client: z.custom<S3Client>(isClient, 'expected an S3Client of @aws-sdk/client-s3: new S3Client({ region })'),
    requestPayer: z.literal('requester').optional(),
    acceptEncoding: z.string().optional(),
    ...retryFields(),
  }),
);

/**
 * Buckets of S3, and of servers with the protocol of S3, as a {@link WritableStore}.
 *
 * ```ts
 * import { S3Client } from '@aws-sdk/client-s3';
 * import { storeBytes } from 'millrace';
 * import { decodeTFRecord } from 'millrace/operators';
 * import { s3Store } from 'millrace/s3';
 * import { count } from 'rxjs';
 *
 * const store = s3Store(new S3Client({ region: 'eu-central-1' }));
 * for await (const object of store.list('s3://bucket/train/')) {
 *   storeBytes(store, object).pipe(decodeTFRecord(), count()).subscribe((records) => console.log(object.url, records));
 * }
 * ```
 *
 * Needs the package `@aws-sdk/client-s3`. The URL of an object is `s3://bucket/key`, and the key is not
 * percent-encoded.
 *
 * The client signs all requests. The store itself sends reads, because this takes less CPU time. `attempts`,
 * `backoffMs` and `ca` apply to reads. The client sends all other requests, with the client's `maxAttempts` and
 * certificates. If the response to a CompleteMultipartUpload is lost, `finish` checks whether the upload still exists:
 * at most `attempts` times, with the waits of `backoffMs`.
 *
 * If the client has a custom `requestHandler` or HTTP agent, for example for a proxy, reads are sent through it, and
 * `ca` has no effect. `list` returns the objects in the order of the server: sorted by the bytes of the keys, except in
 * directory buckets.
 *
 * `read` sends `If-Match`. It requests the rest of a range after the same failures as `httpStore`. Memory: the range.
 * Memory of `list`: 1,000 objects, and up to 20,000 keys of a folder. Connections are kept as with `httpStore`.
 *
 * `create` uploads parts of 8 MiB, four at the same time. A request that neither sends nor receives a byte for
 * `idleTimeoutMs` is repeated. `finish` completes the upload. An object of up to 8 MiB is sent with one PutObject.
 * Memory: 40 MiB for each writer. An object has at most 78 GiB. After an abort, a writer removes its upload in at most
 * five seconds, or `idleTimeoutMs` if that is shorter. If the removal fails, a warning `MILLRACE_UPLOAD_LEFT` names the
 * upload.
 *
 * With `exclusive`, `finish` sends `If-None-Match: *`, and rejects with a ChannelError (`status` 412 or 409) if the
 * object exists. Some servers ignore this header.
 *
 * Throws a ConfigError at the call if an argument is invalid. All methods reject with a ConfigError if a URL is not an
 * S3 URL, or if the SDK is not installed. They reject with a ChannelError with the HTTP `status` if the server rejects
 * a request or does not answer like S3. `list` also rejects if an object has no size, if a key is listed twice, or
 * after 1,000 consecutive pages without an object.
 *
 * @param client - the store does not destroy the client.
 */
export function s3Store(client: S3Client, options: S3StoreOptions = {}): WritableStore {
  requireOptions('s3Store', options, '{ attempts }');
  const parsed = parseOptions('s3Store', argumentsSchema(), { ...options, client });
  const { requestPayer, acceptEncoding: accepted, attempts, backoffMs, idleTimeoutMs, ca } = parsed;
  const connections = new Connections({ idleTimeoutMs, ca });
  const retry = { attempts, backoffMs };
  const settings = { client, requestPayer, idleTimeoutMs, retry, conditionalWrites: { areSupported: true } };
  const loadContext = async (): Promise<S3Context> => ({ sdk: await loadS3Sdk(), ...settings });
  const protocol: RangeProtocol = {
    retry,
    explain: explainS3,
    send: async (range, { signal, accept: acceptBytes }) => {
      const accept = (head: ResponseHead): Uint8Array | undefined => {
        if (isSuccess(head)) requireS3Object(head, range, accepted);
        return acceptBytes(head);
      };
      const exchange = { signal, accept };
      const request = await signRange(await loadContext(), range, signal).catch((error: unknown) => {
        throw abortReasonOr(signal, cannotSign(range, error));
      });
      if (await hasOwnHandler(client)) return sendThrough(handlerOf(client), request, { ...exchange, idleTimeoutMs });
      return connections.get(wireRequest(request), exchange);
    },
  };
  return {
    schemes: ['s3://'],
    async *list(prefix, callOptions = {}) {
      parseOptions('s3Store: list', s3Url(), prefix);
      const { signal } = parseCallOptions('s3Store: list', callOptions);
      yield* listBucket(await loadContext(), prefix, signal);
    },
    async read(object, start, end, callOptions = {}) {
      requireRange('s3Store: read', object, start, end);
      parseOptions('s3Store: read', s3Url(), object.url);
      const readOptions = parseReadOptions('s3Store: read', callOptions, end - start);
      return readRange(protocol, { object, start, end }, readOptions);
    },
    async create(url, callOptions = {}) {
      parseOptions('s3Store: create', s3Url(), url);
      const createOptions = parseCreateOptions('s3Store: create', callOptions);
      return new S3Writer(await loadContext(), url, createOptions);
    },
    async remove(url, callOptions = {}) {
      parseOptions('s3Store: remove', s3Url(), url);
      const { signal } = parseCallOptions('s3Store: remove', callOptions);
      await removeObject(await loadContext(), url, signal);
    },
    async removeUnfinished(prefix, shouldRemove, callOptions = {}) {
      parseOptions('s3Store: removeUnfinished', s3Url(), prefix);
      parseOptions('s3Store: removeUnfinished', callback<typeof shouldRemove>(), shouldRemove);
      const { signal } = parseCallOptions('s3Store: removeUnfinished', callOptions);
      await removeUploads(await loadContext(), prefix, { shouldRemove, signal });
    },
  };
}

async function removeObject(context: S3Context, url: string, signal: AbortSignal | undefined): Promise<void> {
  const { bucket: Bucket, key: Key } = parseS3Url(url);
  const command = new context.sdk.DeleteObjectCommand({ Bucket, Key, RequestPayer: context.requestPayer });
  await commandSender(
    context,
    signal,
  )(command).catch((error: unknown) => {
    // S3 answers 204 if the object does not exist, but some servers answer 404.
    if ((error as SdkException | null)?.name === 'NoSuchKey') return;
    throw abortReasonOr(signal, cannotRemove(url, error));
  });
}

/** @throws ChannelError if the body has an unknown encoding, or if the version of the object is missing. */
function requireS3Object(head: ResponseHead, { object }: RangeOf, accepted: string | undefined): void {
  const { status, headers } = head;
  if (object.version !== undefined && (headers.get('etag') ?? '') === '') {
    const isPage = headers.get('content-type')?.startsWith('text/html') === true;
    const finding = isPage ? 'with an HTML page' : 'without an ETag, although the listing has one';
    throw noS3Answer(`Cannot read ${object.url}`, object.url, finding, { status });
  }
  const option = (encodings: string): string => `acceptEncoding: '${encodings}' of s3Store`;
  requireKnownEncoding(head, object, { accepted, option });
}

function isClient(value: unknown): boolean {
  if (!isSpreadable(value)) return false;
  const { send, middlewareStack } = value as Partial<S3Client>;
  return typeof send === 'function' && typeof middlewareStack === 'object';
}
