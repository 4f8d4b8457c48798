import { ChannelError } from '../base/errors.js';
import { errorOf } from './explainS3.js';
import { plainXml } from './plainXml.js';
import type { SdkException } from './sdkException.js';

/** @param finding - describes the answer, such as "without an ETag". */
export function noS3Answer(
  subject: string,
  path: string,
  finding: string,
  { cause, status = cause?.$metadata?.httpStatusCode ?? 200 }: { readonly cause?: SdkException; status?: number } = {},
): ChannelError {
  return new ChannelError(
    `${subject}: the server answered ${status} ${finding}: this is not an S3 answer. Check the endpoint: ` +
      'AWS_ENDPOINT_URL, or the endpoint of the S3Client. A proxy or an overloaded server can also send such an answer.',
    { code: 'ERR_CHANNEL_IO', path, status, cause },
  );
}

/**
 * Returns the ETag or the UploadId of a response to a write. Without this value, nothing is stored, for example because
 * the response is a login page.
 *
 * @throws ChannelError if the value is missing or empty.
 */
export function requireStored(url: string, name: 'ETag' | 'UploadId', value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw noS3Answer(`Cannot write ${url}`, url, `without an ${name}`);
}

/**
 * How the first element of the answer begins, for each command. Empty if the answer has no body. Answers to other
 * commands are not checked.
 */
const FIRST_ELEMENT: Readonly<Record<string, string>> = {
  ListObjectsV2Command: 'ListBucket',
  ListMultipartUploadsCommand: 'ListMultipartUpload',
  CreateMultipartUploadCommand: 'InitiateMultipartUpload',
  CompleteMultipartUploadCommand: 'CompleteMultipartUpload',
  PutObjectCommand: '',
  UploadPartCommand: '',
  DeleteObjectCommand: '',
  AbortMultipartUploadCommand: '',
};

const INVALID_SIZE = /<Size(?:\s[^<>]*)?(?:\/>|>(?!\s*\d+\s*<)[^<]*<\/Size>)/g;

/** An answer with a successful status that is not from S3. The message describes the body. */
export class IncorrectAnswer extends Error {}

/**
 * Checks the body of a successful answer, and returns the body to pass to the SDK. The SDK itself would read an HTML
 * page as an answer without fields.
 *
 * @throws IncorrectAnswer if the body is not from S3.
 * @throws an error like those of the SDK if the body is an error of S3. S3 sends the status 200 before it completes an
 *   upload, so a later failure is in the body.
 */
export function checkBody(commandName: string, httpStatusCode: number, body: Buffer): Buffer {
  const expected = FIRST_ELEMENT[commandName];
  if (expected === undefined) return body;
  const text = plainXml(body.toString()).trim();
  const element = /<([a-z][\w:]*)/i.exec(text)?.[1] ?? '';
  const isExpected = expected === '' ? text === '' : element.startsWith(expected);
  if (!isExpected) throw Object.assign(failureOf(text, element), { $metadata: { httpStatusCode } });
  // The SDK would read an empty size as 0, and accepts hexadecimal sizes.
  return Buffer.from(text.replace(INVALID_SIZE, '<Size>NaN</Size>'));
}

/** The SDK repeats the request after an error with `$retryable`. */
function failureOf(text: string, element: string): Error {
  if (element === 'Error') {
    const { code, message } = errorOf(text);
    return Object.assign(new Error(message), { name: code, $retryable: {} });
  }
  const error = new IncorrectAnswer(contentOf(text, element));
  return text === '' ? Object.assign(error, { $retryable: {} }) : error;
}

function contentOf(text: string, element: string): string {
  if (text === '') return 'with an empty body';
  if (/<!doctype html|<html/i.test(text)) return 'with an HTML page';
  return element === '' ? 'with a body that is not XML' : `with the element <${element}>`;
}
