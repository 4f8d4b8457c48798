import type { IncomingHttpHeaders } from 'node:http';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { s3Store, type S3StoreOptions } from '../../../src/s3/s3Store.js';
import type { WritableStore } from '../../../src/stores/store.js';
import { rangeServers } from '../../stores/support/rangeServer.js';

/** Part of the response to a request. Default: status 200, no headers, an empty body. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request, with the URL relative to the server. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Returns a function that makes stores with one attempt. A real HTTP server answers their requests. */
export function answeringStores() {
  const newServer = rangeServers();
  return async (
    answerOf: (asked: Asked) => Answer | Promise<Answer>,
    config: S3ClientConfig = {},
    options: S3StoreOptions = {},
  ): Promise<WritableStore> => {
    const server = await newServer();
    server.answer = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'http://server');
        const { method = '', headers: sent } = request;
        const asked = { method, url, headers: sent, body: Buffer.concat(chunks).toString('latin1') };
        void Promise.resolve(answerOf(asked)).then(({ status = 200, headers = {}, body = '' }) =>
          response.writeHead(status, headers).end(body),
        );
      });
      return true;
    };
    return s3Store(clientFor(`http://127.0.0.1:${server.port}`, config), { attempts: 1, backoffMs: 0, ...options });
  };
}

function clientFor(endpoint: string, config: S3ClientConfig): S3Client {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const fixed = { endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1, credentials };
  return new S3Client({ ...fixed, ...config });
}

/** The answer to a CreateMultipartUpload. */
export const BEGUN =
  '<InitiateMultipartUploadResult><Bucket>b</Bucket><UploadId>u</UploadId></InitiateMultipartUploadResult>';

/** Returns the answer to a ListObjectsV2. */
export function listOf(inner: string, nextToken?: string): string {
  const next = nextToken === undefined ? '' : `<NextContinuationToken>${nextToken}</NextContinuationToken>`;
  const isTruncated = `<IsTruncated>${nextToken !== undefined}</IsTruncated>`;
  return `<ListBucketResult><Name>b</Name>${isTruncated}${next}${inner}</ListBucketResult>`;
}
