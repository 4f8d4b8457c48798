import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { abortReasonOr } from '../base/abortReasonOr.js';
import { ConfigError } from '../base/errors.js';
import { warn } from '../base/warn.js';
import { timedOut } from '../stores/http/requestErrors.js';
import type { ObjectWriter, StoreCreateOptions } from '../stores/store.js';
import { commandSender } from './commandSender.js';
import { completeUpload, putObject, type WrittenObject } from './finishObject.js';
import { parseS3Url } from './s3Address.js';
import { requireStored } from './s3Answer.js';
import type { S3Context, S3Target } from './s3Context.js';
import { cannotWriteObject, uploadLeft } from './sdkErrors.js';
import { statusOf } from './sdkException.js';
import { removeUploads } from './unfinishedUploads.js';

/** S3 requires at least 5 MiB for each part except the last. */
const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** The maximum number of parts that are uploaded while a further part is filled. */
const MAX_IN_FLIGHT = 4;
/** The maximum time for the requests that clean up after an abort. `idleTimeoutMs` may be shorter. */
const CLEAN_UP_MS = 5_000;

/**
 * Writes an object with one PutObject if it fits into one part, otherwise with a multipart upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export class S3Writer implements ObjectWriter {
  readonly #context: S3Context;
  readonly #url: string;
  readonly #target: S3Target;
  readonly #object: WrittenObject;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #send: S3Client['send'];
  /** Ends the requests that clean up. */
  readonly #late = new AbortController();
  readonly #sendLate: S3Client['send'];
  readonly #inFlight = new Set<Promise<void>>();
  readonly #completedParts: CompletedPart[] = [];
  #part = Buffer.allocUnsafeSlow(PART_BYTES);
  #filledBytes = 0;
  #startedParts = 0;
  #uploadedBytes = 0;
  #uploadId: string | undefined;
  /** True if the server may have begun an upload whose response was lost. */
  #mayHaveLostUpload = false;
  #failure: { readonly error: unknown } | undefined;
  #cleanUpTimer: NodeJS.Timeout | undefined;

  constructor(context: S3Context, url: string, { exclusive = false, signal }: StoreCreateOptions) {
    const { bucket, key } = parseS3Url(url);
    this.#context = context;
    this.#url = url;
    this.#target = { Bucket: bucket, Key: key, RequestPayer: context.requestPayer };
    this.#signal = signal;
    this.#send = commandSender(context, signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal);
    this.#sendLate = commandSender(context, this.#late.signal);
    const { signal: late } = this.#late;
    this.#object = { context, url, target: this.#target, isExclusive: exclusive, send: this.#send, late };
    signal?.addEventListener('abort', this.#startCleanUp);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#filledBytes === PART_BYTES) await this.#startPart();
      const some = bytes.subarray(at, at + PART_BYTES - this.#filledBytes);
      this.#part.set(some, this.#filledBytes);
      this.#filledBytes += some.length;
      at += some.length;
    }
    this.#throwIfFailed();
  }

  async finish(): Promise<void> {
    if (this.#uploadId === undefined) {
      await this.#explainErrors(() => putObject(this.#object, this.#part.subarray(0, this.#filledBytes)));
      this.#endCleanUp();
      return;
    }
    await this.#startPart();
    await Promise.all(this.#inFlight);
    this.#throwIfFailed();
    await this.#explainErrors(async () => {
      const upload = { UploadId: this.#uploadId, parts: this.#completedParts, byteLength: this.#uploadedBytes };
      const { state, error } = await completeUpload(this.#object, upload);
      // If the server may still complete the upload, `abort` must not remove it, because some servers would lose the
      // parts. For the same reason, `abort` must not remove all uploads of this URL.
      if (state !== 'pending') this.#uploadId = undefined;
      if (state === 'unknown' || state === 'gone') this.#mayHaveLostUpload = false;
      if (state === 'unknown') warn('MILLRACE_UPLOAD_LEFT', uploadLeft(this.#target, upload.UploadId, error));
      if (state !== 'completed') throw error;
    });
    this.#startCleanUp();
    await this.#removeLostUpload();
    this.#endCleanUp();
  }

  async abort(): Promise<void> {
    this.#startCleanUp();
    this.#stop.abort();
    await Promise.all(this.#inFlight);
    if (this.#uploadId !== undefined) {
      const command = new this.#context.sdk.AbortMultipartUploadCommand(this.#upload);
      await this.#sendLate(command).catch((error: unknown) => {
        if (statusOf(error) !== 404) warn('MILLRACE_UPLOAD_LEFT', uploadLeft(this.#target, this.#uploadId, error));
      });
      this.#uploadId = undefined;
    }
    await this.#removeLostUpload();
    this.#endCleanUp();
  }

  readonly #startCleanUp = (): void => {
    const ms = Math.min(CLEAN_UP_MS, this.#context.idleTimeoutMs);
    this.#cleanUpTimer ??= setTimeout(
      () =>
        this.#late.abort(
          timedOut(`the server did not answer within ${ms / 1000} seconds after the writer was stopped`),
        ),
      ms,
    );
  };

  #endCleanUp(): void {
    clearTimeout(this.#cleanUpTimer);
    this.#cleanUpTimer = undefined;
    this.#signal?.removeEventListener('abort', this.#startCleanUp);
  }

  get #upload() {
    return { ...this.#target, UploadId: this.#uploadId };
  }

  /** Starts to upload the part as soon as fewer than `MAX_IN_FLIGHT` parts are being uploaded. */
  async #startPart(): Promise<void> {
    if (this.#startedParts === MAX_PARTS) throw tooManyParts(this.#url);
    this.#uploadId ??= await this.#explainErrors(() => this.#createUpload());
    while (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#throwIfFailed();
    const Body = this.#part.subarray(0, this.#filledBytes);
    this.#uploadedBytes += Body.length;
    this.#part = Buffer.allocUnsafeSlow(PART_BYTES);
    this.#filledBytes = 0;
    const uploading = this.#uploadPart(++this.#startedParts, Body).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#inFlight.add(uploading);
    void uploading.then(() => this.#inFlight.delete(uploading));
  }

  async #createUpload(): Promise<string> {
    this.#mayHaveLostUpload = true;
    // An abort does not end this request: only its answer has the id that is needed to remove the upload. But after an
    // abort, a repeated request would begin another upload.
    const isActive = (): boolean => this.#signal?.aborted !== true && !this.#stop.signal.aborted;
    const send = commandSender(this.#context, this.#late.signal, isActive);
    const begun = await send(new this.#context.sdk.CreateMultipartUploadCommand(this.#target));
    this.#mayHaveLostUpload = (begun.$metadata.attempts ?? 1) > 1;
    return requireStored(this.#url, 'UploadId', begun.UploadId);
  }

  async #uploadPart(PartNumber: number, Body: Uint8Array): Promise<void> {
    await this.#explainErrors(async () => {
      const command = new this.#context.sdk.UploadPartCommand({ ...this.#upload, PartNumber, Body });
      const { ETag, ...answer } = await this.#send(command);
      requireStored(this.#url, 'ETag', ETag);
      const checksums = Object.entries(answer).filter(([name]) => name.startsWith('Checksum'));
      this.#completedParts.push({ ...Object.fromEntries(checksums), ETag, PartNumber });
    });
  }

  async #removeLostUpload(): Promise<void> {
    if (!this.#mayHaveLostUpload) return;
    this.#mayHaveLostUpload = false;
    const shouldRemove = (url: string): boolean => url === this.#url;
    await removeUploads(this.#context, this.#url, { shouldRemove, signal: this.#late.signal }).catch((error: unknown) =>
      warn('MILLRACE_UPLOAD_LEFT', uploadLeft(this.#target, undefined, error)),
    );
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
    this.#signal?.throwIfAborted();
  }

  async #explainErrors<R>(work: () => Promise<R>): Promise<R> {
    this.#signal?.throwIfAborted();
    return work().catch((error: unknown) => {
      throw abortReasonOr(this.#signal, cannotWriteObject(this.#url, error));
    });
  }
}

function tooManyParts(url: string): ConfigError {
  const gibibytes = Math.floor((MAX_PARTS * PART_BYTES) / 1024 ** 3);
  const message = `${url} is longer than ${gibibytes} GiB: write smaller objects, for example with bytesPerFile`;
  return new ConfigError(message, { path: '' });
}
