import type { Explanation } from '../stores/http/readRange.js';
import type { ResponseHead } from '../stores/http/responseHead.js';
import { statusRemedy } from '../stores/http/statusRemedy.js';

export const SET_REGION = 'Set AWS_REGION, or the region of the S3Client, to the region of the bucket.';

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
  NoSuchBucket: 'Check the name of the bucket, and AWS_ENDPOINT_URL or the endpoint of the S3Client.',
  NoSuchUpload: 'The upload has been removed. Two runs must not write the same names.',
  NoSuchKey: 'Check the key. The object may have been deleted since it was listed.',
  InvalidObjectState: 'The object is archived: restore it first.',
  PermanentRedirect: SET_REGION,
  AuthorizationHeaderMalformed: SET_REGION,
  SlowDown: 'The bucket receives too many requests: decrease concurrency, or increase attempts.',
};

const REMEDY_OF_STATUS: Readonly<Record<number, string>> = {
  301: SET_REGION,
  307: SET_REGION,
  400: 'Check the region and the credentials: AWS_REGION and AWS_ACCESS_KEY_ID, or those of the S3Client.',
  401: 'Check AWS_ACCESS_KEY_ID, or the credentials of the S3Client.',
  403: READER_REMEDY,
  404: 'Check the bucket and the key. The object may have been deleted since it was listed.',
};

/** Explains an error from the body of the response: `<Error><Code>AccessDenied</Code><Message>…`. */
export function explainS3({ status, headers }: ResponseHead, text: string): Explanation {
  const region = headers.get('x-amz-bucket-region');
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '';
  const message = /<Message>([^<]+)<\/Message>/.exec(text)?.[1] ?? '';
  const where = region !== undefined && status < 400 ? ` The bucket is in ${region}.` : '';
  const detail = [code, message].filter((part) => part !== '').join(': ');
  return { detail, remedy: `${s3Remedy(code, status)}${where}` };
}

export function s3Remedy(code: string, status: number): string {
  return REMEDIES[code] ?? REMEDY_OF_STATUS[status] ?? statusRemedy(status);
}
