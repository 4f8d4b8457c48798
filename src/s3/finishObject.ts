import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { objectExists } from '../stores/objectErrors.js';
import { requireStored } from './s3Answer.js';
import type { S3Context, S3Target } from './s3Context.js';
import { attemptsOf, statusOf, type SdkException } from './sdkException.js';
import { hasBytes, stateOfUpload, type UploadState } from './storedAlready.js';

export interface WrittenObject {
  readonly context: S3Context;
  readonly url: string;
  readonly target: S3Target;
  readonly isExclusive: boolean;
  readonly send: S3Client['send'];
  /**
   * Ends the requests that check what the server has stored. After an abort, these requests may continue for some
   * seconds.
   */
  readonly late: AbortSignal;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function ifNoneMatch({ context, isExclusive }: WrittenObject): { readonly IfNoneMatch?: string } {
  return isExclusive && context.conditionalWrites.areSupported ? { IfNoneMatch: '*' } : {};
}

/** Sends a PutObject. If the server does not support `If-None-Match`, repeats the request without this header. */
export async function putObject(object: WrittenObject, Body: Uint8Array): Promise<void> {
  const { context, url, target, send, late } = object;
  const condition = ifNoneMatch(object);
  try {
    const { ETag } = await send(new context.sdk.PutObjectCommand({ ...target, Body, ...condition }));
    requireStored(url, 'ETag', ETag);
  } catch (error) {
    // The header was sent, even if another writer has set `areSupported` to false in the meantime.
    if (condition.IfNoneMatch && statusOf(error) === 501) {
      context.conditionalWrites.areSupported = false;
      return putObject(object, Body);
    }
    const isRepeated = attemptsOf(error) > 1;
    if (isRepeated && isTaken(object, error) && (await hasBytes(context, target, Body, late).catch(() => false)))
      return;
    throw explained(object, error);
  }
}

export interface FinishedUpload {
  readonly UploadId: string | undefined;
  readonly parts: readonly CompletedPart[];
  readonly byteLength: number;
}

export interface Completion {
  readonly state: UploadState;
  readonly error?: unknown;
}

/** Completes an upload. If the response is lost, checks whether the server has completed the upload. */
export async function completeUpload(
  object: WrittenObject,
  { UploadId, parts, byteLength }: FinishedUpload,
): Promise<Completion> {
  const { context, url, target, send, late } = object;
  const upload = { ...target, UploadId };
  const Parts = [...parts].sort((one, other) => (one.PartNumber ?? 0) - (other.PartNumber ?? 0));
  const command = { ...upload, MultipartUpload: { Parts }, ...ifNoneMatch(object) };
  try {
    const { ETag } = await send(new context.sdk.CompleteMultipartUploadCommand(command));
    requireStored(url, 'ETag', ETag);
    return { state: 'completed' };
  } catch (error) {
    const status = statusOf(error) ?? 500;
    const isClear = attemptsOf(error) === 1 && status >= 300 && status < 500;
    const state = isClear ? 'pending' : await stateOfUpload(context, upload, byteLength, late);
    return { state, error: explained(object, error) };
  }
}

/**
 * True if an object with this key already exists. If the request was repeated, the first request may have stored this
 * object, although its response was lost.
 */
function isTaken({ isExclusive }: WrittenObject, error: unknown): boolean {
  return isExclusive && [409, 412].includes(statusOfCondition(error) ?? 0);
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = { PreconditionFailed: 412, ConditionalRequestConflict: 409 };

/** S3 may send the status 200 before it checks the condition. */
function statusOfCondition(error: unknown): number | undefined {
  return STATUS_OF_CODE[(error as SdkException | undefined)?.name ?? ''] ?? statusOf(error);
}

function explained(object: WrittenObject, error: unknown): unknown {
  if (!isTaken(object, error)) return error;
  return objectExists(object.url, { errno: undefined, status: statusOfCondition(error), cause: error });
}
