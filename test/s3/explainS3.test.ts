import { describe, expect, it } from '@jest/globals';
import { explainS3 } from '../../src/s3/explainS3.js';

const errorBody = (code: string) => `<Error><Code>${code}</Code><Message>The reason.</Message></Error>`;
const remedyOf = (status: number, code: string, headers: Record<string, string> = {}): string =>
  explainS3({ status, headers: new Map(Object.entries(headers)), byteLength: 0 }, errorBody(code)).remedy;

describe('explainS3', () => {
  it('returns the code and the message of the server', () => {
    const { detail } = explainS3({ status: 403, headers: new Map(), byteLength: 0 }, errorBody('AccessDenied'));
    expect(detail).toBe('AccessDenied: The reason.');
  });

  it('reads CDATA and the prefixes of namespaces', () => {
    const body = '<x:Error><x:Code><![CDATA[SlowDown]]></x:Code><x:Message><![CDATA[Wait.]]></x:Message></x:Error>';
    expect(explainS3({ status: 503, headers: new Map(), byteLength: 0 }, body).detail).toBe('SlowDown: Wait.');
  });

  it('explains an invalid name of a bucket', () => {
    expect(remedyOf(400, 'InvalidBucketName')).toMatch(/^Correct the name of the bucket: 3 to 63 characters/);
  });

  it.each([
    [403, 'InvalidAccessKeyId', 'AWS_ACCESS_KEY_ID'],
    [403, 'SignatureDoesNotMatch', 'AWS_SECRET_ACCESS_KEY'],
    [400, 'ExpiredToken', 'AWS_SESSION_TOKEN'],
    [404, 'NoSuchBucket', 'AWS_ENDPOINT_URL'],
    [301, 'PermanentRedirect', 'AWS_REGION'],
    [400, 'Unknown', 'AWS_REGION'],
    [401, 'Unknown', 'AWS_ACCESS_KEY_ID'],
  ])('names the environment variable and the S3Client for %i %s', (status, code, variable) => {
    expect(remedyOf(status, code)).toMatch(new RegExp(`${variable}\\b.*\\bS3Client\\b`));
  });

  it('names the region of the bucket', () => {
    expect(remedyOf(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' })).toBe(
      'Set AWS_REGION, or the region of the S3Client, to the region of the bucket. The bucket is in eu-west-1.',
    );
  });
});
