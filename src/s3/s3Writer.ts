import type { CompletedPart } from '@aws-sdk/client-s3';
import { ConfigError } from '../base/errors.js';
import type { ObjectWriter } from '../stores/store.js';
import { parseS3Url } from './s3Address.js';
import { cannotWriteObject } from './sdkErrors.js';
import type { Signer } from './signRange.js';

/** S3 accepts parts from 5 MiB, except the last. */
const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** The maximum number of parts that are uploaded at the same time. One further part is being filled. */
const MAX_IN_FLIGHT = 4;

/**
 * Writes an object with one PutObject if it fits into one part, otherwise with a multipart upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export class S3Writer implements ObjectWriter {
  readonly #by: Signer;
  readonly #url: string;
  readonly #target: { readonly Bucket: string; readonly Key: string; readonly RequestPayer: Signer['requestPayer'] };
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #outer: AbortSignal | undefined;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #parts: CompletedPart[] = [];
  #part = Buffer.allocUnsafeSlow(PART_BYTES);
  #length = 0;
  #started = 0;
  #uploadId: string | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(by: Signer, url: string, signal: AbortSignal | undefined) {
    const { bucket, key } = parseS3Url(url);
    this.#by = by;
    this.#url = url;
    this.#target = { Bucket: bucket, Key: key, RequestPayer: by.requestPayer };
    this.#outer = signal;
    this.#signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#length === PART_BYTES) await this.#startPart();
      const some = bytes.subarray(at, at + PART_BYTES - this.#length);
      this.#part.set(some, this.#length);
      this.#length += some.length;
      at += some.length;
    }
    this.#requireSound();
  }

  async finish(): Promise<void> {
    if (this.#uploadId === undefined) return this.#put();
    await this.#startPart();
    await Promise.all(this.#inFlight);
    this.#requireSound();
    const Parts = this.#parts.sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
    await this.#attempt(async ({ sdk, client }) => {
      const command = new sdk.CompleteMultipartUploadCommand({ ...this.#upload, MultipartUpload: { Parts } });
      await client.send(command, { abortSignal: this.#signal });
    });
    this.#uploadId = undefined;
  }

  async abort(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#inFlight);
    if (this.#uploadId === undefined) return;
    const { sdk, client } = this.#by;
    // If it fails, the next run removes the upload.
    await client.send(new sdk.AbortMultipartUploadCommand(this.#upload)).catch(() => undefined);
    this.#uploadId = undefined;
  }

  get #upload() {
    return { ...this.#target, UploadId: this.#uploadId };
  }

  async #put(): Promise<void> {
    const Body = this.#part.subarray(0, this.#length);
    await this.#attempt(async ({ sdk, client }) => {
      await client.send(new sdk.PutObjectCommand({ ...this.#target, Body }), { abortSignal: this.#signal });
    });
  }

  /** Starts the upload of a part. Waits until fewer than `MAX_IN_FLIGHT` uploads are pending. */
  async #startPart(): Promise<void> {
    if (this.#started === MAX_PARTS) throw tooManyParts(this.#url);
    this.#uploadId ??= await this.#beginUpload();
    while (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#requireSound();
    const Body = this.#part.subarray(0, this.#length);
    this.#part = Buffer.allocUnsafeSlow(PART_BYTES);
    this.#length = 0;
    const uploading = this.#uploadPart(++this.#started, Body).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#inFlight.add(uploading);
    void uploading.then(() => this.#inFlight.delete(uploading));
  }

  async #beginUpload(): Promise<string | undefined> {
    return this.#attempt(async ({ sdk, client }) => {
      const command = new sdk.CreateMultipartUploadCommand(this.#target);
      return (await client.send(command, { abortSignal: this.#signal })).UploadId;
    });
  }

  async #uploadPart(PartNumber: number, Body: Uint8Array): Promise<void> {
    await this.#attempt(async ({ sdk, client }) => {
      const command = new sdk.UploadPartCommand({ ...this.#upload, PartNumber, Body });
      const { ETag, ...answer } = await client.send(command, { abortSignal: this.#signal });
      const checksums = Object.entries(answer).filter(([name]) => name.startsWith('Checksum'));
      this.#parts.push({ ...Object.fromEntries(checksums), ETag, PartNumber });
    });
  }

  #requireSound(): void {
    if (this.#failure) throw this.#failure.error;
    this.#outer?.throwIfAborted();
  }

  async #attempt<R>(work: (by: Signer) => Promise<R>): Promise<R> {
    this.#outer?.throwIfAborted();
    return work(this.#by).catch((error: unknown) => {
      throw this.#outer?.aborted ? this.#outer.reason : cannotWriteObject(this.#url, error);
    });
  }
}

/** Removes multipart uploads that were neither completed nor aborted. Their parts are invisible, but cost money. */
export async function removeUploads(
  { sdk, client, requestPayer }: Signer,
  prefix: string,
  { isWanted, signal }: { readonly isWanted: (url: string) => boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { bucket: Bucket, key: Prefix } = parseS3Url(prefix);
  const send = signal && { abortSignal: signal };
  try {
    for (let from = {}; ;) {
      const page = { Bucket, Prefix, RequestPayer: requestPayer, ...from };
      const listed = await client.send(new sdk.ListMultipartUploadsCommand(page), send);
      for (const { Key, UploadId } of listed.Uploads ?? []) {
        if (Key === undefined || !isWanted(`s3://${Bucket}/${Key}`)) continue;
        const upload = { Bucket, Key, UploadId, RequestPayer: requestPayer };
        await client.send(new sdk.AbortMultipartUploadCommand(upload), send);
      }
      if (listed.IsTruncated !== true) return;
      from = { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker };
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : cannotWriteObject(prefix, error);
  }
}

export async function removeObject(
  { sdk, client, requestPayer }: Signer,
  url: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { bucket: Bucket, key: Key } = parseS3Url(url);
  const command = new sdk.DeleteObjectCommand({ Bucket, Key, RequestPayer: requestPayer });
  await client.send(command, signal && { abortSignal: signal }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : cannotWriteObject(url, error);
  });
}

function tooManyParts(url: string): ConfigError {
  const gibibytes = Math.floor((MAX_PARTS * PART_BYTES) / 1024 ** 3);
  return new ConfigError(
    `${url} is longer than ${gibibytes} GiB: write smaller objects, for example with bytesPerFile`,
    {
      path: '',
    },
  );
}
