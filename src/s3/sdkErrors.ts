import { ChannelError } from '../base/errors.js';
import type { RangeOf } from '../stores/http/checkAnswer.js';
import { connectionRemedy } from '../stores/http/failureRemedy.js';
import { READER_REMEDY, s3Remedy, SET_REGION } from './explainS3.js';
import { noS3Answer } from './s3Answer.js';

/** The properties that millrace reads in exceptions of the SDK. */
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
  return writerFailure(`Cannot write ${url}`, url, cause);
}

export function cannotRemove(url: string, cause: unknown): ChannelError {
  return writerFailure(`Cannot remove ${url}`, url, cause);
}

export function cannotRemoveUploads(prefix: string, cause: unknown): ChannelError {
  return writerFailure(`Cannot remove the unfinished uploads of ${prefix}`, prefix, cause);
}

function writerFailure(subject: string, path: string, cause: unknown): ChannelError {
  if (cause instanceof ChannelError) return cause;
  // A response without a body has no code.
  const isDenied = statusOf(cause) === 403 && remedyOf(cause ?? {}) === READER_REMEDY;
  return sdkFailure(subject, path, cause, isDenied ? WRITER_REMEDY : undefined);
}

function sdkFailure(subject: string, path: string, cause: unknown, remedy = remedyOf(cause ?? {})): ChannelError {
  const { name = 'Error', message = String(cause), code } = (cause ?? {}) as SdkException;
  const status = statusOf(cause);
  // The message of the SDK only describes its XML parser.
  if (status === 200 && message.includes('XML parse error'))
    return noS3Answer(subject, path, 'with a body that is not XML of S3', cause);
  const answer = status === undefined ? `${name}: ${message}` : `the server answered ${status} (${name}: ${message})`;
  return new ChannelError(`${subject}: ${answer.replace(/\.$/, '')}. ${remedy}`, {
    code: 'ERR_CHANNEL_IO',
    path,
    status,
    errno: code,
    cause,
  });
}

/** The client repeats these requests, so the option `attempts` of the store has no effect. */
const BUSY =
  'The server is overloaded or broken: increase maxAttempts of the S3Client or AWS_MAX_ATTEMPTS, or try again later.';

function remedyOf({ name = '', message = '', code = '', $metadata }: SdkException): string {
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return status === 429 || status >= 500 ? BUSY : s3Remedy(name, status);
  if (name === 'CredentialsProviderError')
    return 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or the credentials of the S3Client.';
  if (message.startsWith('Region is missing')) return SET_REGION;
  if (code === 'ERR_INVALID_URL' || message === 'Invalid URL')
    return 'Begin the endpoint with http:// or https://: AWS_ENDPOINT_URL, or the endpoint of the S3Client.';
  return (
    connectionRemedy(code, 'S3Client') ??
    'Check the network, and the region and the endpoint: AWS_REGION and AWS_ENDPOINT_URL, or those of the S3Client.'
  );
}
