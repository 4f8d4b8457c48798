import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { s3Store } from '../../src/s3/s3Store.js';
import type { WritableStore } from '../../src/stores/store.js';
import { rangeServers } from '../stores/support/rangeServer.js';
import { listOf } from './support/answeringStore.js';

const newServer = rangeServers();

const LIST = listOf('<Contents><Key>k</Key><Size>1</Size></Contents>');

/** Clients that send with the handler of the SDK, and with a handler that ignores the signal. */
const HANDLERS = {
  'the handler of the SDK': (client: S3Client) => client,
  'a handler that ignores the signal': (client: S3Client) => {
    const { requestHandler } = client.config;
    const handle = (request: Parameters<typeof requestHandler.handle>[0]) => requestHandler.handle(request);
    Object.assign(client.config, { requestHandler: { handle } });
    return client;
  },
};

describe.each(Object.entries(HANDLERS))('a request of s3Store with %s', (_name, withHandler) => {
  async function storeOf(
    respond: (response: ServerResponse) => void,
    {
      head = [200, { 'content-length': LIST.length }] as const,
      idleTimeoutMs = 300,
    }: { head?: readonly [number, OutgoingHttpHeaders?]; idleTimeoutMs?: number } = {},
  ): Promise<WritableStore> {
    const server = await newServer();
    server.answer = (_request, response) => {
      respond(response.writeHead(...head));
      return true;
    };
    const client = new S3Client({
      ...{ endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    return s3Store(withHandler(client), { idleTimeoutMs, attempts: 1 });
  }

  const list = (store: WritableStore, signal?: AbortSignal) =>
    store.list('s3://b/', { signal })[Symbol.asyncIterator]().next();

  it('ends when the body stalls', async () => {
    const store = await storeOf((response) => response.write(LIST.slice(0, 20)));
    await expect(list(store)).rejects.toThrow(
      /^Cannot list s3:\/\/b\/: TimeoutError: no byte was sent or received for 0\.3 seconds \(idleTimeoutMs\)\. /,
    );
  });

  it('reads a body that takes longer than the limit, if its bytes keep coming', async () => {
    const store = await storeOf((response) => {
      const bytes = Buffer.from(LIST);
      let at = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(at, (at += 20)));
        if (at < bytes.length) return;
        clearInterval(timer);
        response.end();
      }, 80);
    });
    expect((await list(store)).value).toMatchObject({ url: 's3://b/k' });
  });

  /** Sends a byte every few milliseconds, until the client closes the connection. */
  const drip = (response: ServerResponse): void => {
    const timer = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(timer));
  };

  it('ends although the bytes of a listing keep coming', async () => {
    const store = await storeOf(drip, { head: [200], idleTimeoutMs: 50 });
    await expect(list(store)).rejects.toThrow(/TimeoutError/);
  });

  it('ends although the bytes of an error keep coming, and reports its status', async () => {
    const store = await storeOf(drip, { head: [404] });
    const object = { url: 's3://b/k', byteLength: 10, version: undefined, hasRanges: true };
    await expect(store.read(object, 0, 10)).rejects.toMatchObject({ status: 404 });
  });

  it.each([200, 500])('refuses a body of more than 16 MiB, with the status %i', async (status) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const fill = (response: ServerResponse): void => {
      while (!response.destroyed && response.write(chunk));
      response.once('drain', () => fill(response));
    };
    await expect(list(await storeOf(fill, { head: [status] }))).rejects.toThrow(
      `Cannot list s3://b/: the server answered ${status} with more than 16 MiB: this is not an S3 answer.`,
    );
  });

  it('ends with the reason of the signal within the body', async () => {
    const stop = new AbortController();
    const store = await storeOf((response) =>
      response.write(LIST.slice(0, 20), () => setImmediate(() => stop.abort(new Error('enough')))),
    );
    await expect(list(store, stop.signal)).rejects.toThrow('enough');
  });
});
