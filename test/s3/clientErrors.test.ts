import { Agent } from 'node:https';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { s3Store } from '../../src/s3/s3Store.js';
import type { WritableStore } from '../../src/stores/store.js';
import { rangeServers } from '../stores/support/rangeServer.js';
import { selfSigned } from '../support/selfSigned.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newServer = rangeServers();
const newFolder = temporaryFolders();

function clientOf(config: S3ClientConfig): S3Client {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const fixed = { region: 'us-east-1', credentials, forcePathStyle: true, maxAttempts: 1 };
  const client = new S3Client({ ...fixed, ...config });
  // In jest, errors of Node.js are not instances of this realm's `Error`, and the SDK would drop their code.
  client.middlewareStack.add(
    (next) => (step) =>
      next(step).catch((error: unknown) => {
        throw error instanceof Error ? error : Object.assign(new Error((error as Error).message), error);
      }),
    { step: 'deserialize', priority: 'high', name: 'errorsOfThisRealm' },
  );
  return client;
}

const object = { url: 's3://b/k', byteLength: 10, version: undefined, hasRanges: true };

const CALLS = {
  list: (store: WritableStore) => store.list('s3://b/')[Symbol.asyncIterator]().next(),
  finish: async (store: WritableStore) => (await store.create(object.url)).finish(),
  remove: (store: WritableStore) => store.remove(object.url),
  read: (store: WritableStore) => store.read(object, 0, 10),
};
const SENT_BY_CLIENT = ['list', 'finish', 'remove'] as const;

describe('the errors of s3Store', () => {
  describe.each([
    [503, 'SlowDown'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
  ])('after %i %s', (status, code) => {
    async function busyStore() {
      const server = await newServer();
      server.answer = (_request, response) =>
        response.writeHead(status).end(`<Error><Code>${code}</Code><Message>m</Message></Error>`).writableEnded;
      const client = clientOf({ endpoint: `http://127.0.0.1:${server.port}` });
      return s3Store(client, { attempts: 1, backoffMs: 0 });
    }

    it.each(SENT_BY_CLIENT)('name maxAttempts of the client, which repeats the requests of %s', async (call) => {
      const rejected = expect(CALLS[call](await busyStore())).rejects;
      await rejected.toThrow(/increase maxAttempts of the S3Client or AWS_MAX_ATTEMPTS/);
      await rejected.not.toThrow(/increase attempts/);
    });

    it('name attempts of the store, which repeats reads', async () => {
      await expect(CALLS.read(await busyStore())).rejects.toThrow(/increase attempts/);
    });
  });

  it.each([
    ['finish', /^Cannot write s3:\/\/b\/k: .* allow s3:PutObject/],
    ['remove', /^Cannot remove s3:\/\/b\/k: .* allow s3:PutObject, s3:DeleteObject/],
    ['list', /^Cannot list s3:\/\/b\/: .* allow s3:GetObject/],
  ] as const)('name the permissions of %s after a 403 without a body', async (call, message) => {
    const server = await newServer();
    server.answer = (_request, response) => response.writeHead(403).end().writableEnded;
    const store = s3Store(clientOf({ endpoint: `http://127.0.0.1:${server.port}` }));
    await expect(CALLS[call](store)).rejects.toThrow(message);
  });

  it.each(SENT_BY_CLIENT)('name the missing scheme of the endpoint: %s', async (call) => {
    const endpoint = '127.0.0.1:9000';
    await expect((async () => CALLS[call](s3Store(clientOf({ endpoint }))))()).rejects.toThrow(
      /Begin the endpoint with http:\/\/ or https:\/\//,
    );
  });

  describe('for a certificate that Node.js does not trust', () => {
    const OF_STORE =
      /set ca to the PEM certificate of its authority, or NODE_EXTRA_CA_CERTS to the path of this certificate\.$/;
    const OF_CLIENT =
      /set ca in the https\.Agent of the S3Client's requestHandler to the PEM certificate of its authority, or NODE_/;

    async function distrustful(config: S3ClientConfig = {}) {
      const server = await newServer(selfSigned(newFolder()));
      return s3Store(clientOf({ endpoint: `https://127.0.0.1:${server.port}`, ...config }), { attempts: 1 });
    }

    it.each(SENT_BY_CLIENT)('name the requestHandler of the client, which connects for %s', async (call) => {
      await expect(CALLS[call](await distrustful())).rejects.toThrow(OF_CLIENT);
    });

    it('name ca of the store, which connects for reads', async () => {
      await expect(CALLS.read(await distrustful())).rejects.toThrow(OF_STORE);
    });

    it('name the requestHandler for reads through the agent of the client', async () => {
      const store = await distrustful({ requestHandler: { httpsAgent: new Agent() } });
      await expect(CALLS.read(store)).rejects.toThrow(OF_CLIENT);
    });
  });

  it.each(['list', 'finish', 'remove', 'read'] as const)('say how to set a missing region: %s', async (call) => {
    const region = () => Promise.reject(new Error('Region is missing'));
    await expect(CALLS[call](s3Store(clientOf({ region })))).rejects.toThrow(
      /Region is missing\. Set AWS_REGION, or the region of the S3Client/,
    );
  });
});
