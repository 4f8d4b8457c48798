import type { CompletedPart } from '@aws-sdk/client-s3';
import { ConfigError } from '../base/errors.js';
import { objectExists } from '../stores/objectErrors.js';
import type { ObjectWriter, StoreCreateOptions } from '../stores/store.js';
import { parseS3Url } from './s3Address.js';
import { cannotWriteObject, type SdkException } from './sdkErrors.js';
import { sendLimited } from './sendLimited.js';
import type { Signer } from './signRange.js';
import { hasBytes, stateOfUpload, type S3Target } from './storedAlready.js';
import { removeUploads } from './unfinishedUploads.js';

/** S3 accepts parts from 5 MiB, except the last. */
const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** The maximum number of parts that are uploaded at the same time. One further part is being filled. */
const MAX_IN_FLIGHT = 4;

/**
 * Writes an object with one PutObject if it fits into one part, otherwise with a multipart upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export class S3Writer implements ObjectWriter {
  readonly #by: Signer;
  readonly #url: string;
  readonly #target: S3Target;
  readonly #isExclusive: boolean;
  readonly #stop = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #send: ReturnType<typeof sendLimited>;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #parts: CompletedPart[] = [];
  #part = Buffer.allocUnsafeSlow(PART_BYTES);
  #length = 0;
  #started = 0;
  /** The size of all parts that were started. */
  #byteLength = 0;
  #uploadId: string | undefined;
  /** True if the server may have begun an upload whose response was lost. */
  #mayHaveLostUpload = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(by: Signer, url: string, { exclusive = false, signal }: StoreCreateOptions) {
    const { bucket, key } = parseS3Url(url);
    this.#by = by;
    this.#url = url;
    this.#target = { Bucket: bucket, Key: key, RequestPayer: by.requestPayer };
    this.#isExclusive = exclusive;
    this.#outer = signal;
    this.#send = sendLimited(by, signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal);
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
    if (this.#uploadId === undefined) {
      await this.#attempt(() => this.#put());
      return;
    }
    await this.#startPart();
    await Promise.all(this.#inFlight);
    this.#requireSound();
    await this.#attempt(() => this.#complete());
    this.#uploadId = undefined;
    await this.#removeLostUpload();
  }

  async abort(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#inFlight);
    if (this.#uploadId !== undefined) {
      const command = new this.#by.sdk.AbortMultipartUploadCommand(this.#upload);
      // If it fails, the next run removes the upload.
      await sendLimited(this.#by, undefined)(command).catch(() => undefined);
      this.#uploadId = undefined;
    }
    await this.#removeLostUpload();
  }

  get #upload() {
    return { ...this.#target, UploadId: this.#uploadId };
  }

  get #condition() {
    return this.#isExclusive && this.#by.conditions.areSupported ? { IfNoneMatch: '*' } : {};
  }

  async #put(): Promise<void> {
    const { sdk, conditions } = this.#by;
    const Body = this.#part.subarray(0, this.#length);
    try {
      await this.#send(new sdk.PutObjectCommand({ ...this.#target, Body, ...this.#condition }));
    } catch (error) {
      if (this.#isExclusive && statusOf(error) === 501 && conditions.areSupported) {
        conditions.areSupported = false;
        return this.#put();
      }
      const isRepeated = attemptsOf(error) > 1;
      if (isRepeated && this.#isTaken(error) && (await hasBytes(this.#by, this.#target, Body).catch(() => false)))
        return;
      throw this.#explained(error);
    }
  }

  async #complete(): Promise<void> {
    const Parts = this.#parts.sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
    const command = { ...this.#upload, MultipartUpload: { Parts }, ...this.#condition };
    try {
      await this.#send(new this.#by.sdk.CompleteMultipartUploadCommand(command));
    } catch (error) {
      const isClear = attemptsOf(error) === 1 && (statusOf(error) ?? 500) < 500;
      const state = isClear ? 'pending' : await stateOfUpload(this.#by, this.#upload, this.#byteLength);
      if (state === 'completed') return;
      // Some servers would remove the parts of an upload while they complete it.
      if (state === 'unknown') this.#uploadId = undefined;
      throw this.#explained(error);
    }
  }

  /** A repeated request also finds the object of the first request, if its response was lost. */
  #isTaken(error: unknown): boolean {
    return this.#isExclusive && [409, 412].includes(statusOf(error) ?? 0);
  }

  #explained(error: unknown): unknown {
    if (!this.#isTaken(error)) return error;
    return objectExists(this.#url, { errno: undefined, status: statusOf(error), cause: error });
  }

  /** Starts the upload of a part. Waits until fewer than `MAX_IN_FLIGHT` uploads are pending. */
  async #startPart(): Promise<void> {
    if (this.#started === MAX_PARTS) throw tooManyParts(this.#url);
    this.#uploadId ??= await this.#attempt(() => this.#begin());
    while (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#requireSound();
    const Body = this.#part.subarray(0, this.#length);
    this.#byteLength += Body.length;
    this.#part = Buffer.allocUnsafeSlow(PART_BYTES);
    this.#length = 0;
    const uploading = this.#uploadPart(++this.#started, Body).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#inFlight.add(uploading);
    void uploading.then(() => this.#inFlight.delete(uploading));
  }

  async #begin(): Promise<string | undefined> {
    this.#mayHaveLostUpload = true;
    const begun = await this.#send(new this.#by.sdk.CreateMultipartUploadCommand(this.#target));
    this.#mayHaveLostUpload = (begun.$metadata.attempts ?? 1) > 1;
    return begun.UploadId;
  }

  async #uploadPart(PartNumber: number, Body: Uint8Array): Promise<void> {
    await this.#attempt(async () => {
      const command = new this.#by.sdk.UploadPartCommand({ ...this.#upload, PartNumber, Body });
      const { ETag, ...answer } = await this.#send(command);
      const checksums = Object.entries(answer).filter(([name]) => name.startsWith('Checksum'));
      this.#parts.push({ ...Object.fromEntries(checksums), ETag, PartNumber });
    });
  }

  async #removeLostUpload(): Promise<void> {
    if (!this.#mayHaveLostUpload) return;
    this.#mayHaveLostUpload = false;
    const isWanted = (url: string): boolean => url === this.#url;
    // If it fails, the next run removes the upload.
    await removeUploads(this.#by, this.#url, { isWanted, signal: undefined }).catch(() => undefined);
  }

  #requireSound(): void {
    if (this.#failure) throw this.#failure.error;
    this.#outer?.throwIfAborted();
  }

  async #attempt<R>(work: () => Promise<R>): Promise<R> {
    this.#outer?.throwIfAborted();
    return work().catch((error: unknown) => {
      throw this.#outer?.aborted ? this.#outer.reason : cannotWriteObject(this.#url, error);
    });
  }
}

export async function removeObject(by: Signer, url: string, signal: AbortSignal | undefined): Promise<void> {
  const { bucket: Bucket, key: Key } = parseS3Url(url);
  const command = new by.sdk.DeleteObjectCommand({ Bucket, Key, RequestPayer: by.requestPayer });
  await sendLimited(
    by,
    signal,
  )(command).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : cannotWriteObject(url, error);
  });
}

const statusOf = (error: unknown): number | undefined => (error as SdkException | undefined)?.$metadata?.httpStatusCode;

const attemptsOf = (error: unknown): number => (error as SdkException | undefined)?.$metadata?.attempts ?? 1;

function tooManyParts(url: string): ConfigError {
  const gibibytes = Math.floor((MAX_PARTS * PART_BYTES) / 1024 ** 3);
  return new ConfigError(
    `${url} is longer than ${gibibytes} GiB: write smaller objects, for example with bytesPerFile`,
    {
      path: '',
    },
  );
}
