import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { s3Store } from '../../src/s3/s3Store.js';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { rangeServers } from '../stores/support/rangeServer.js';

const newServer = rangeServers();

/** A store whose server answers 200 to all requests. */
async function storeOf(bodyOf: (url: URL, method: string) => string, headers = {}) {
  const server = await newServer();
  server.answer = (request, response) => {
    const body = bodyOf(new URL(request.url ?? '', 'http://s'), request.method ?? '');
    request.resume().on('end', () => response.writeHead(200, headers).end(body));
    return true;
  };
  const client = new S3Client({
    ...{ endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  return s3Store(client, { attempts: 1, backoffMs: 0 });
}

const PAGES = {
  'an HTML page': '<html><body>Sign in</body></html>',
  'an HTML page that is not XML': '<!doctype html><html><body>Sign in<br></body></html>',
  'an empty body': '',
};

const listOf = (inner: string, isTruncated = false) =>
  `<ListBucketResult><Name>b</Name><IsTruncated>${isTruncated}</IsTruncated>${inner}</ListBucketResult>`;
const object = (key: string, size = '1') => `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`;

async function listed(bodyOf: (url: URL) => string): Promise<string[]> {
  const urls: string[] = [];
  for await (const { url } of (await storeOf(bodyOf)).list('s3://b/k')) urls.push(url);
  return urls;
}

describe('s3Store, if the server answers 200', () => {
  describe.each(Object.entries(PAGES))('with %s', (_name, page) => {
    it('rejects a PutObject', async () => {
      const writer = await (await storeOf(() => page)).create('s3://b/k');
      await writer.write(new Uint8Array(10));
      await expect(writer.finish()).rejects.toThrow(
        /^Cannot write s3:\/\/b\/k: the server answered 200 without an ETag: this is not an S3 answer\. Check the endpoint/,
      );
    });

    it('rejects the beginning of a multipart upload', async () => {
      const writer = await (await storeOf(() => page)).create('s3://b/k');
      await expect(writer.write(new Uint8Array(9 * 1024 * 1024))).rejects.toThrow(/this is not an S3 answer/);
      await writer.abort();
    });

    it('rejects a listing', async () => {
      await expect(listed(() => page)).rejects.toThrow(/^Cannot list s3:\/\/b\/k: .* this is not an S3 answer/);
    });

    it('rejects writeRecords', async () => {
      const store = await storeOf(({ search }) => (search.includes('list-type') ? listOf('') : page));
      const options = { store, recordFormat: 'TFRecord', overwrite: true } as const;
      await expect(writeRecords(of(new Uint8Array(1)), 's3://b/k', options)).rejects.toThrow(/not an S3 answer/);
    });
  });

  const uploadsOf = (inner: string) =>
    `<ListMultipartUploadsResult><Bucket>b</Bucket>${inner}</ListMultipartUploadsResult>`;

  it.each([
    ['an upload without an UploadId', '<Upload><Key>k</Key></Upload>', /without an UploadId/],
    ['a key outside the prefix', '<Upload><Key>o</Key><UploadId>u</UploadId></Upload>', /outside the prefix/],
    ['no marker', '<IsTruncated>true</IsTruncated>', /without a new NextKeyMarker/],
    ['a repeated marker', '<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>', /a new NextKeyMarker/],
  ])('rejects a list of uploads with %s', async (_name, inner, message) => {
    const methods: string[] = [];
    const store = await storeOf((_url, method) => {
      methods.push(method);
      return uploadsOf(inner);
    });
    await expect(store.removeUnfinished('s3://b/k', () => true)).rejects.toThrow(message);
    expect(methods).not.toContain('DELETE');
  });

  const begin = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';

  it('rejects a part without an ETag', async () => {
    const writer = await (
      await storeOf(({ search }) => (search.startsWith('?uploads') ? begin : ''))
    ).create('s3://b/k');
    await writer.write(new Uint8Array(9 * 1024 * 1024));
    await expect(writer.finish()).rejects.toThrow(/200 without an ETag/);
  });

  it.each(Object.values(PAGES).slice(0, 2))('rejects the end of a multipart upload: %s', async (page) => {
    const answer = ({ search }: URL) => (search.startsWith('?uploads') ? begin : page);
    const writer = await (await storeOf(answer, { etag: '"e"' })).create('s3://b/k');
    await writer.write(new Uint8Array(9 * 1024 * 1024));
    await expect(writer.finish()).rejects.toThrow(/this is not an S3 answer/);
  });

  it('lists an empty bucket', async () => {
    expect(await listed(() => listOf(''))).toEqual([]);
  });

  it('rejects a truncated listing without a token', async () => {
    await expect(listed(() => listOf(object('k'), true))).rejects.toThrow(/without a NextContinuationToken/);
  });

  it('rejects a repeated token', async () => {
    let keys = 0;
    const page = () => listOf(`${object(`k${keys++}`)}<NextContinuationToken>t</NextContinuationToken>`, true);
    await expect(listed(page)).rejects.toThrow(/with the NextContinuationToken of an earlier page/);
  });

  it.each([
    [object('other'), /with the key "other", outside the prefix/],
    [object('k') + object('k'), /with the key "k" twice/],
    [object('k', 'abc'), /with an invalid Size of the key "k"/],
    [object('k', '-1'), /with an invalid Size of the key "k"/],
  ])('rejects the listing %s', async (inner, message) => {
    await expect(listed(() => listOf(inner))).rejects.toThrow(message);
  });
});
