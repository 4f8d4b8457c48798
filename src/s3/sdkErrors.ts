import { ChannelError } from '../base/errors.js';
import type { RangeOf } from '../stores/http/checkAnswer.js';
import { s3Remedy } from './explainS3.js';

/** The properties of the SDK's exceptions that are used. */
export interface SdkException {
  readonly name?: string;
  readonly message?: string;
  /** The system's code, such as `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

export const statusOf = (error: unknown): number | undefined =>
  (error as SdkException | undefined)?.$metadata?.httpStatusCode;

export const attemptsOf = (error: unknown): number => (error as SdkException | undefined)?.$metadata?.attempts ?? 1;

const WRITER_REMEDY =
  'Check that the credentials allow s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and ' +
  's3:ListBucketMultipartUploads on this bucket.';

export function cannotListBucket(prefix: string, cause: unknown): ChannelError {
  return sdkFailure(`Cannot list ${prefix}`, prefix, cause);
}

export function cannotSign({ object, start, end }: RangeOf, cause: unknown): ChannelError {
  return sdkFailure(`Cannot request the bytes ${start} to ${end} of ${object.url}`, object.url, cause);
}

export function cannotWriteObject(url: string, cause: unknown): ChannelError {
  if (cause instanceof ChannelError) return cause;
  const isDenied = (cause as SdkException | undefined)?.name === 'AccessDenied';
  return sdkFailure(`Cannot write ${url}`, url, cause, isDenied ? WRITER_REMEDY : undefined);
}

function sdkFailure(subject: string, path: string, cause: unknown, remedy?: string): ChannelError {
  const { name = 'Error', message = String(cause), code, $metadata } = (cause ?? {}) as SdkException;
  const status = $metadata?.httpStatusCode;
  const answer = status === undefined ? `${name}: ${message}` : `the server answered ${status} (${name}: ${message})`;
  return new ChannelError(`${subject}: ${answer.replace(/\.$/, '')}. ${remedy ?? remedyOf(name, status)}`, {
    code: 'ERR_CHANNEL_IO',
    path,
    status,
    errno: code,
    cause,
  });
}

function remedyOf(name: string, status: number | undefined): string {
  if (status !== undefined) return s3Remedy(name, status);
  if (name === 'CredentialsProviderError')
    return 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or the credentials of the S3Client.';
  return 'Check the network, and the region and the endpoint: AWS_REGION and AWS_ENDPOINT_URL, or those of the S3Client.';
}
