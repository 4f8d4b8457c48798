import { env } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandStore } from '../../src/cli/commandStores.js';
import { findInputs } from '../../src/cli/inspect/findInputs.js';
import { openUnknownInput } from '../../src/cli/inspect/unknownInput.js';
import { RangeServer } from '../stores/support/rangeServer.js';
import { textsOf } from '../pipeline/recordFiles.js';

describe('commandStore', () => {
  it.each([
    ['s3', 's3://'],
    ['s3://bucket/train/', 's3://bucket/train/'],
    ['https', 'https://'],
    ['http://127.0.0.1/', 'http://127.0.0.1/'],
  ])('reads the URLs that --store %s allows', async (text, prefix) => {
    expect((await commandStore(text)).schemes).toEqual([prefix]);
  });
});

describe('commandStore with s3', () => {
  const before = { ...env };
  afterEach(() => {
    for (const name of Object.keys(env)) if (!(name in before)) Reflect.deleteProperty(env, name);
    Object.assign(env, before);
  });

  it('takes an empty AWS_ENDPOINT_URL_S3 for an unset one', async () => {
    const server = await RangeServer.start();
    Object.assign(env, {
      AWS_ENDPOINT_URL_S3: '',
      AWS_ENDPOINT_URL: `http://localhost:${server.port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_MAX_ATTEMPTS: '1',
    });
    const store = await commandStore('s3');
    await expect(store.list('s3://bucket/')[Symbol.asyncIterator]().next()).rejects.toThrow(/404/);
    expect(server.requests[0]?.url).toMatch(/^\/bucket[/?]/);
    await server.stop();
  });
});

describe('findInputs with URLs', () => {
  let server: RangeServer;
  beforeEach(async () => {
    server = await RangeServer.start();
  });
  afterEach(() => server.stop());

  it('finds an object with its size, and openUnknownInput reads it', async () => {
    const url = server.serve('/a.txt?key=secret', { bytes: Buffer.from('one\ntwo'), etag: '"1"' });
    const [input] = await findInputs([url]);
    expect(input).toMatchObject({ path: url.replace('key=secret', '…'), bytes: 7 });
    const { signal } = new AbortController();
    const opened = openUnknownInput(input!, { signal, allowsFifo: true, onChunk: () => undefined });
    expect(await textsOf(opened.records$)).toEqual(['one', 'two']);
  });

  it('rejects for a missing object, and for URLs that no store reads', async () => {
    const url = server.serve('/a', { bytes: Buffer.from('') }).replace(/a$/, 'b');
    const error: unknown = await findInputs([url]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ status: 404 });
    expect(String(error)).toContain(`Cannot read ${url}: the server answered 404. Check the spelling of the URL.`);
    await expect(findInputs(['gs://b/k'])).rejects.toThrow(/^inspect: expected a path on this machine, found "gs:/);
    await expect(findInputs(['s3://b*/k'])).rejects.toThrow(/no wildcard in the name of the bucket/);
  });
});
