import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { s3Store } from '../../src/s3/s3Store.js';
import { rangeServers } from '../stores/support/rangeServer.js';

const newServer = rangeServers();

interface Answer {
  readonly status: number;
  readonly body?: string;
}

/** Returns a store and the requests that its server has answered, such as `POST ?uploads`. */
async function storeOf(answerOf: (request: string, count: number) => Answer, maxAttempts = 1) {
  const server = await newServer();
  const requests: string[] = [];
  server.answer = (incoming, response) => {
    const { method = '', url = '' } = incoming;
    const search = new URL(url, 'http://s').search.replace(/[?&]x-id=\w+/, '');
    const request = `${method} ${search}`;
    requests.push(request);
    const { status, body = '' } = answerOf(request, requests.filter((earlier) => earlier === request).length);
    incoming.resume().on('end', () => response.writeHead(status, { etag: '"e"' }).end(body));
    return true;
  };
  const client = new S3Client({
    ...{ endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1', forcePathStyle: true, maxAttempts },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  return { store: s3Store(client, { attempts: 1, backoffMs: 0 }), requests };
}

const errorOf = (code: string) => `<Error><Code>${code}</Code><Message>m</Message></Error>`;

describe('s3Store().remove', () => {
  it('resolves if the server answers 404 NoSuchKey', async () => {
    const { store } = await storeOf(() => ({ status: 404, body: errorOf('NoSuchKey') }));
    await expect(store.remove('s3://b/k')).resolves.toBeUndefined();
  });

  it('rejects if the bucket does not exist', async () => {
    const { store } = await storeOf(() => ({ status: 404, body: errorOf('NoSuchBucket') }));
    await expect(store.remove('s3://b/k')).rejects.toThrow(/NoSuchBucket/);
  });
});

describe('the writer of s3Store', () => {
  it('does not remove an upload that the server may still complete, after a repeated create request', async () => {
    let hasCompleted = false;
    const begun = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';
    const uploads = '<Upload><Key>k</Key><UploadId>u</UploadId></Upload>';
    const list = `<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>false</IsTruncated>${uploads}</ListMultipartUploadsResult>`;
    let lists = 0;
    const { store, requests } = await storeOf((request, count) => {
      if (request.startsWith('POST ?uploads')) return count === 1 ? { status: 500 } : { status: 200, body: begun };
      if (request.startsWith('POST ?uploadId=u')) hasCompleted = true;
      if (request.startsWith('POST')) return { status: 500 };
      // The list is unavailable when the writer asks for the state of the upload.
      if (request.startsWith('GET')) return ++lists <= 2 ? { status: 500 } : { status: 200, body: list };
      return { status: request.startsWith('DELETE') ? 204 : 200 };
    }, 2);
    const writer = await store.create('s3://b/k');
    await writer.write(new Uint8Array(9 * 1024 * 1024));
    await expect(writer.finish()).rejects.toThrow(/500/);
    expect(hasCompleted).toBe(true);
    await writer.abort();
    expect(requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });
});
