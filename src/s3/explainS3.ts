import type { Explanation } from '../stores/http/readRange.js';
import type { ResponseHead } from '../stores/http/responseHead.js';
import { statusRemedy } from '../stores/http/statusRemedy.js';
import { plainXml } from './plainXml.js';

export const SET_REGION = 'Set AWS_REGION, or the region of the S3Client, to the region of the bucket.';

const ENDPOINT = 'AWS_ENDPOINT_URL or the endpoint of the S3Client';

export const CHECK_REGION_AND_ENDPOINT =
  'Check the region and the endpoint: AWS_REGION and AWS_ENDPOINT_URL, or those of the S3Client.';

const NOT_SUPPORTED = `The server does not support this request. Check ${ENDPOINT}, or use a different server.`;

/** Only requests that write have checksums. */
export const OMIT_CHECKSUMS =
  "The server does not support a part of this request, probably the checksums of the SDK: set requestChecksumCalculation: 'WHEN_REQUIRED' in the S3Client, or AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED.";

export const READER_REMEDY =
  'Check that the credentials allow s3:GetObject and s3:ListBucket on this bucket, and set requestPayer if the ' +
  'requester pays.';

const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied: READER_REMEDY,
  InvalidAccessKeyId:
    'The endpoint does not know the access key: check AWS_ACCESS_KEY_ID, or the credentials of the S3Client.',
  SignatureDoesNotMatch:
    'Check the secret key: AWS_SECRET_ACCESS_KEY, or the credentials of the S3Client. A proxy that changes requests ' +
    'also causes this error.',
  ExpiredToken: 'Renew the credentials: AWS_SESSION_TOKEN and the keys, or the credentials of the S3Client.',
  RequestTimeTooSkewed: 'Set the clock of this machine.',
  InvalidBucketName:
    'Correct the name of the bucket: 3 to 63 characters, which are lowercase letters, digits, dots and hyphens.',
  NoSuchBucket: `Check the name of the bucket, and ${ENDPOINT}.`,
  MalformedXML: OMIT_CHECKSUMS,
  NoSuchUpload: 'The upload has been removed. Two runs must not write the same names.',
  NoSuchKey: 'Check the key. The object may have been deleted since it was listed.',
  InvalidObjectState: 'The object is archived: restore it first.',
  PermanentRedirect: SET_REGION,
  TemporaryRedirect: SET_REGION,
  AuthorizationHeaderMalformed: SET_REGION,
  SlowDown: 'The bucket receives too many requests: decrease concurrency, or increase attempts.',
};

const REMEDY_OF_STATUS: Readonly<Record<number, string>> = {
  304: `A cache or proxy answers instead of the server. Check ${ENDPOINT}.`,
  400: 'Check the region and the credentials: AWS_REGION and AWS_ACCESS_KEY_ID, or those of the S3Client.',
  401: 'Check AWS_ACCESS_KEY_ID, or the credentials of the S3Client.',
  403: READER_REMEDY,
  404: 'Check the bucket and the key. The object may have been deleted since it was listed.',
  405: NOT_SUPPORTED,
  501: NOT_SUPPORTED,
};

export function explainS3({ status, headers }: ResponseHead, text: string): Explanation {
  if (/<!doctype html|<html/i.test(text))
    return { detail: 'an HTML page', remedy: `A proxy answers instead of S3. Check ${ENDPOINT}.` };
  const { code, message } = errorOf(text);
  const detail = [code, message].filter((part) => part !== '').join(': ');
  return { detail, remedy: s3Remedy(code, status, (name) => headers.get(name)) };
}

type Header = (name: string) => string | undefined;

export function s3Remedy(code: string, status: number, header: Header): string {
  const region = header('x-amz-bucket-region');
  const ofStatus = REMEDY_OF_STATUS[status] ?? (status < 400 ? redirectRemedy(header) : statusRemedy(status));
  const remedy = REMEDIES[code] ?? ofStatus;
  return remedy === SET_REGION && region !== undefined ? `${remedy} The bucket is in ${region}.` : remedy;
}

function redirectRemedy(header: Header): string {
  if (header('x-amz-bucket-region') !== undefined) return SET_REGION;
  const location = header('location') ?? '';
  // The rest of the URL may contain secrets.
  return URL.canParse(location)
    ? `The endpoint redirects to ${new URL(location).origin}. Set ${ENDPOINT} to the S3 server itself.`
    : CHECK_REGION_AND_ENDPOINT;
}

/** Reads the error in a body: `<Error><Code>AccessDenied</Code><Message>…`. Missing parts are empty. */
export function errorOf(text: string): { readonly code: string; readonly message: string } {
  const plain = plainXml(text);
  const code = /<Code>(\w+)</.exec(plain)?.[1] ?? '';
  const message = /<Message>([^<]+)</.exec(plain)?.[1] ?? '';
  return { code, message };
}
