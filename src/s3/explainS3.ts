import type { Explanation } from '../stores/http/readRange.js';
import type { ResponseHead } from '../stores/http/responseHead.js';
import { statusRemedy } from '../stores/http/statusRemedy.js';

const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied:
    'Check that the credentials allow s3:GetObject and s3:ListBucket on this bucket, and set requestPayer if the ' +
    'requester pays.',
  InvalidAccessKeyId: 'Check the access key of the client: the endpoint does not know this key.',
  SignatureDoesNotMatch: 'Check the secret key of the client. A proxy that changes requests also has this effect.',
  ExpiredToken: 'Renew the credentials of the client.',
  RequestTimeTooSkewed: 'Set the clock of this machine.',
  NoSuchBucket: 'Check the name of the bucket, and the endpoint of the client.',
  NoSuchUpload: 'The upload has been removed. Two runs must not write the same names.',
  NoSuchKey: 'Check the key. The object may have been deleted since it was listed.',
  InvalidObjectState: 'The object is archived: restore it first.',
  PermanentRedirect: 'Create the client with the region of the bucket.',
  AuthorizationHeaderMalformed: 'Create the client with the region of the bucket.',
  SlowDown: 'The bucket receives too many requests: decrease concurrency, or increase attempts.',
};

const REMEDY_OF_STATUS: Readonly<Record<number, string>> = {
  301: 'Create the client with the region of the bucket.',
  307: 'Create the client with the region of the bucket.',
  400: 'Check the region and the credentials of the client.',
  401: 'Check the credentials of the client.',
  403: REMEDIES['AccessDenied'] ?? '',
  404: 'Check the bucket and the key. The object may have been deleted since it was listed.',
};

/** Explains an error from the body of the response: `<Error><Code>AccessDenied</Code><Message>…`. */
export function explainS3({ status, headers }: ResponseHead, text: string): Explanation {
  const region = headers.get('x-amz-bucket-region');
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '';
  const message = /<Message>([^<]+)<\/Message>/.exec(text)?.[1] ?? '';
  const where = region !== undefined && status < 400 ? ` It is in ${region}.` : '';
  const detail = [code, message].filter((part) => part !== '').join(': ');
  return { detail, remedy: `${s3Remedy(code, status)}${where}` };
}

export function s3Remedy(code: string, status: number): string {
  return REMEDIES[code] ?? REMEDY_OF_STATUS[status] ?? statusRemedy(status);
}
