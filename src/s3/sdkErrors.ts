import { ChannelError } from '../base/errors.js';
import { quoteWhole } from '../base/showValue.js';
import type { RangeOf } from '../stores/http/checkAnswer.js';
import { connectionRemedy } from '../stores/http/requestErrors.js';
import { CHECK_REGION_AND_ENDPOINT, OMIT_CHECKSUMS, READER_REMEDY, s3Remedy, SET_REGION } from './explainS3.js';
import { IncorrectAnswer, noS3Answer } from './s3Answer.js';
import type { S3Target } from './s3Context.js';
import { NotSent, statusOf, type SdkException } from './sdkException.js';

const WRITER_REMEDY =
  'Check that the credentials allow s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and ' +
  's3:ListBucketMultipartUploads on this bucket.';

const NO_LIST_OF_UPLOADS =
  'The server cannot list unfinished uploads. Use a different server, or replace this method of the store: ' +
  '{ ...s3Store(client), removeUnfinished: async () => {} }. With this method, the uploads of killed runs remain in the bucket.';

export function cannotListBucket(prefix: string, error: unknown): ChannelError {
  return sdkFailure(`Cannot list ${prefix}`, prefix, error);
}

export function cannotSign({ object, start, end }: RangeOf, cause: unknown): ChannelError {
  const subject = `Cannot request the bytes ${start} to ${end} of ${object.url}`;
  return sdkFailure(subject, object.url, new NotSent('', { cause }));
}

export function cannotWriteObject(url: string, error: unknown): ChannelError {
  return writerFailure(`Cannot write ${url}`, url, error, statusOf(error) === 501 ? OMIT_CHECKSUMS : undefined);
}

export function cannotRemove(url: string, error: unknown): ChannelError {
  return writerFailure(`Cannot remove ${url}`, url, error);
}

export function cannotRemoveUploads(prefix: string, error: unknown): ChannelError {
  const remedy = [405, 501].includes(statusOf(error) ?? 0) ? NO_LIST_OF_UPLOADS : undefined;
  return writerFailure(`Cannot remove the unfinished uploads of ${prefix}`, prefix, error, remedy);
}

/**
 * Returns the text of a warning about an upload that could not be removed. `id` is `undefined` if the response to the
 * start of the upload was lost.
 */
export function uploadLeft({ Bucket, Key }: S3Target, id: string | undefined, error: unknown): string {
  const url = `s3://${Bucket}/${Key}`;
  const name = `An unfinished upload of ${url}${id === undefined ? '' : ` (upload id ${id})`} may remain`;
  const { message } = writerFailure(name, url, error);
  const command = id === undefined ? 'list-multipart-uploads' : 'abort-multipart-upload';
  const which =
    id === undefined ? `--prefix ${quoteWhole(Key)}` : `--key ${quoteWhole(Key)} --upload-id ${quoteWhole(id)}`;
  const toDo = id === undefined ? 'To find its id' : 'To remove it';
  return `${message} Its parts cost money. ${toDo}: aws s3api ${command} --bucket ${Bucket} ${which}. Or call removeUnfinished() of the store.`;
}

function writerFailure(subject: string, path: string, error: unknown, remedy?: string): ChannelError {
  // A response without a body has no code.
  const isDenied = statusOf(error) === 403 && remedyOf(error as SdkException) === READER_REMEDY;
  return sdkFailure(subject, path, error, isDenied ? WRITER_REMEDY : remedy);
}

function sdkFailure(subject: string, path: string, error: unknown, remedy?: string): ChannelError {
  if (error instanceof ChannelError) return error;
  const cause = error instanceof NotSent ? error.cause : error;
  const exception = (cause ?? {}) as SdkException;
  const { name = 'Error', message = String(cause), code } = exception;
  if (cause instanceof IncorrectAnswer) return noS3Answer(subject, path, message, { cause: exception });
  // The message of the SDK only describes its XML parser.
  if (message.includes('Deserialization error') && statusOf(cause) === 200)
    return noS3Answer(subject, path, 'with a body that is not XML of S3', { cause: exception });
  const status = statusOf(cause);
  // The SDK calls an error without a body `Unknown: UnknownError`.
  const detail = name === 'Unknown' ? '' : `${name}: ${message}`.replace(/\.$/, '');
  const answer = status === undefined ? detail : `the server answered ${status}${detail && ` (${detail})`}`;
  const toDo = remedy ?? (error instanceof NotSent ? unsentRemedy(exception) : remedyOf(exception));
  return new ChannelError(`${subject}: ${answer}. ${toDo}`, {
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

function remedyOf({ name = '', code = '', $metadata, $response }: SdkException): string {
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    return connectionRemedy(code, 'S3Client') ?? `Check the network. ${CHECK_REGION_AND_ENDPOINT}`;
  }
  // The status is 200 if the body contains an error. The SDK also repeats such a request.
  if (status === 200 || status === 429 || (status >= 500 && status !== 501)) return BUSY;
  return s3Remedy(name, status, (header) => $response?.headers?.[header]);
}

function unsentRemedy({ name, message = '', code }: SdkException): string {
  if (name === 'CredentialsProviderError')
    return 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or the credentials of the S3Client.';
  if (message.startsWith('Region is missing')) return SET_REGION;
  if (code === 'ERR_INVALID_URL' || message === 'Invalid URL')
    return 'Begin the endpoint with http:// or https://: AWS_ENDPOINT_URL, or the endpoint of the S3Client.';
  return 'The S3Client failed before it sent a request. If functions return its credentials, region or endpoint, check these functions.';
}
