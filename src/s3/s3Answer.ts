import { ChannelError } from '../base/errors.js';
import type { SdkException } from './sdkException.js';

/** @param finding - describes the answer, such as "without an ETag". */
export function noS3Answer(subject: string, path: string, finding: string, cause?: SdkException): ChannelError {
  const status = cause?.$metadata?.httpStatusCode ?? 200;
  return new ChannelError(
    `${subject}: the server answered ${status} ${finding}: this is not an S3 answer. Check the endpoint: ` +
      'AWS_ENDPOINT_URL, or the endpoint of the S3Client. A proxy or an overloaded server can also send such an answer.',
    { code: 'ERR_CHANNEL_IO', path, status, cause },
  );
}

/**
 * Returns the ETag or the UploadId of a response to a write. A login page has neither, and nothing is stored.
 *
 * @throws ChannelError if it is missing or empty.
 */
export function requireStored(url: string, name: 'ETag' | 'UploadId', value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw noS3Answer(`Cannot write ${url}`, url, `without an ${name}`);
}
