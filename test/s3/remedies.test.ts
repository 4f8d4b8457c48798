import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import type { WritableStore } from '../../src/stores/store.js';
import { answeringStores, BEGUN, listOf, type Answer, type Asked } from './support/answeringStore.js';

const newStore = answeringStores();

const object = { url: 's3://b/k', byteLength: 10, version: undefined, hasRanges: true };

async function write(store: WritableStore, byteLength: number): Promise<void> {
  const writer = await store.create(object.url);
  await writer.write(new Uint8Array(byteLength));
  await writer.finish();
}

const CALLS: Readonly<Record<string, (store: WritableStore) => Promise<unknown>>> = {
  list: (store) => store.list('s3://b/')[Symbol.asyncIterator]().next(),
  read: (store) => store.read(object, 0, 10),
  finish: (store) => write(store, 10),
  remove: (store) => store.remove(object.url),
  removeUnfinished: (store) => store.removeUnfinished('s3://b/', () => true),
};

async function messageAfter(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'resolved',
    (error: unknown) => (error as Error).message,
  );
}

const errorBody = (code: string) => `<Error><Code>${code}</Code><Message>m</Message></Error>`;

describe.each(Object.entries(CALLS))('the error of s3Store().%s', (name, call) => {
  const after = async (answer: Answer) => messageAfter(call(await newStore(() => answer)));

  it.each<[string, Answer, RegExp]>([
    [
      'blames a cache for 304',
      { status: 304 },
      /answered 304\. A cache or proxy answers instead of the server\. Check AWS_/,
    ],
    [
      'names the region and the endpoint after a redirect to nowhere',
      { status: 301 },
      /answered 301\. Check the region and the endpoint: AWS_REGION and AWS_ENDPOINT_URL/,
    ],
    [
      'names the target of a redirect, without its query',
      { status: 302, headers: { location: 'https://login.example/in?token=secret' } },
      /answered 302\. The endpoint redirects to https:\/\/login\.example\. Set AWS_ENDPOINT_URL/,
    ],
    [
      'names the region of the bucket',
      { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
      /answered 301\. Set AWS_REGION, .* The bucket is in eu-west-1\.$/,
    ],
    [
      'names the region of the bucket also after a 400',
      {
        status: 400,
        headers: { 'x-amz-bucket-region': 'eu-west-1' },
        body: errorBody('AuthorizationHeaderMalformed'),
      },
      /Set AWS_REGION, .* The bucket is in eu-west-1\.$/,
    ],
    [
      'names the endpoint after 405',
      { status: 405 },
      name === 'removeUnfinished' ? /cannot list/ : /support this request/,
    ],
  ])('%s', async (_name, answer, message) => {
    expect(await after(answer)).toMatch(message);
  });

  it('does not recommend more attempts after 501', async () => {
    const message = await after({ status: 501, body: errorBody('NotImplemented') });
    expect(message).toMatch(/answered 501 \(NotImplemented: m\)\. The server (does not support|cannot list)/);
    expect(message).not.toMatch(/ttempts/);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('the vault is closed');
      },
      /Error: the vault is closed\. The S3Client failed before/,
    ],
    [
      'rejects',
      () => Promise.reject(new Error('the vault is closed')),
      /the vault is closed\. The S3Client failed before/,
    ],
    [
      'cannot connect',
      () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND vault'), { code: 'ENOTFOUND' })),
      /ENOTFOUND vault\. The S3Client failed before it sent a request\. If functions return its credentials/,
    ],
    ['returns nothing', () => Promise.resolve(undefined as never), /The S3Client failed before it sent a request/],
  ])('names the credentials if their function %s', async (_name, credentials, message) => {
    let requests = 0;
    const store = await newStore(() => ({ status: 400 + requests++ }), { credentials });
    expect(await messageAfter(call(store))).toMatch(message);
    expect(requests).toBe(0);
  });
});

describe('the remedy of an error of s3Store', () => {
  /** A server that supports neither checksums nor lists of uploads. */
  const oldServer = ({ method, url, headers, body }: Asked): Answer => {
    const hasChecksum = Object.keys(headers).some((header) => /^x-amz-(checksum|trailer|sdk-checksum)/.test(header));
    if (url.searchParams.has('list-type')) return { body: listOf('') };
    if (method === 'GET') return { status: 501, body: errorBody('NotImplemented') };
    if (method === 'POST' && url.searchParams.has('uploads')) return { body: BEGUN };
    if (body.includes('<ChecksumCRC32>')) return { status: 400, body: errorBody('MalformedXML') };
    if (method === 'POST')
      return { body: '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>' };
    if (!url.searchParams.has('partNumber') && hasChecksum) return { status: 501, body: errorBody('NotImplemented') };
    return { headers: { etag: '"e"', ...(hasChecksum && { 'x-amz-checksum-crc32': 'AAAAAA==' }) } };
  };

  it.each([
    [10, '501 (NotImplemented: m)'],
    [9 * 1024 * 1024, '400 (MalformedXML: m)'],
  ])('lets a server without checksums store %i bytes, which first answers %s', async (byteLength, answer) => {
    const message = await messageAfter(write(await newStore(oldServer), byteLength));
    expect(message).toContain(`the server answered ${answer}`);
    expect(message).toMatch(
      /: set requestChecksumCalculation: 'WHEN_REQUIRED' in the S3Client, or AWS_REQUEST_CHECKSUM_/,
    );
    const corrected = await newStore(oldServer, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    expect(await messageAfter(write(corrected, byteLength))).toBe('resolved');
  });

  it('lets writeRecords write to a server that cannot list unfinished uploads', async () => {
    const store = await newStore(oldServer, { requestChecksumCalculation: 'WHEN_REQUIRED' });
    const run = (to: WritableStore) =>
      writeRecords(of(new Uint8Array(3)), 's3://b/k', { store: to, recordFormat: 'TFRecord' });
    await expect(run(store)).rejects.toThrow('{ ...s3Store(client), removeUnfinished: async () => {} }');
    expect(await run({ ...store, removeUnfinished: () => Promise.resolve() })).toMatchObject({ records: 1 });
  });
});
