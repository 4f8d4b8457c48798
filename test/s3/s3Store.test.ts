import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { s3Store } from '../../src/s3/s3Store.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { storeBytes } from '../../src/stores/storeBytes.js';
import { startMillrace } from '../cli/millrace.js';
import { textsOf } from '../pipeline/recordFiles.js';
import { FaultProxy } from '../stores/support/faultProxy.js';
import { patternBytes } from '../stores/support/rangeServer.js';
import { clientsOf } from './support/clientsOf.js';
import { runningSwift } from './support/runningSwift.js';

const server = await runningSwift('test/s3/s3Store.test.ts');
const bytes = patternBytes(300_000);
const KEYS = ['train/a b+c.txt', "train/it's (1)!*.txt", 'train/é', 'train/ü%20?#x', 'train/zz', 'test/x'];

const clientOf = clientsOf(server);

async function listed(store: Store, prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects;
}

describe('s3Store', () => {
  it('throws for what is no client, and for unknown options', () => {
    expect(() => s3Store({} as S3Client)).toThrow(/client: expected an S3Client of @aws-sdk\/client-s3/);
    expect(() => s3Store({} as S3Client, { client: clientOf() } as object)).toThrow(/client: expected an S3Client/);
    expect(() => s3Store(clientOf(), { retries: 1 } as object)).toThrow(/unknown key "retries"/);
  });

  it('rejects for other URLs', async () => {
    await expect(listed(s3Store(clientOf()), 'https://bucket/key')).rejects.toThrow(/such as s3:\/\/bucket\/key/);
  });

  it('says that credentials are missing', async () => {
    const credentials = () => Promise.reject(Object.assign(new Error('none.'), { name: 'CredentialsProviderError' }));
    const store = s3Store(clientOf({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1', credentials }));
    const object = { url: 's3://b/k', byteLength: 10, version: undefined, hasRanges: true };
    await expect(store.read(object, 0, 10)).rejects.toThrow(
      /^Cannot request the bytes 0 to 10 of s3:\/\/b\/k: CredentialsProviderError: none\. Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or the credentials of the S3Client\.$/,
    );
  });
});

(server ? describe : describe.skip)('s3Store with a real server', () => {
  const client = clientOf();
  const store = s3Store(client, { backoffMs: 1 });

  beforeAll(async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'mill' }));
    for (const Key of KEYS) await client.send(new PutObjectCommand({ Bucket: 'mill', Key, Body: bytes }));
  });

  afterAll(() => {
    client.destroy();
  });

  it('lists keys in the order of their bytes, with size and version', async () => {
    const objects = await listed(store, 's3://mill/train/');
    const train = KEYS.filter((key) => key.startsWith('train/')).map((key) => `s3://mill/${key}`);
    const byBytes = train.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect(objects.map(({ url }) => url)).toEqual(byBytes);
    expect(objects[0]).toMatchObject({ byteLength: bytes.length, version: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    expect(await listed(store, 's3://mill/none')).toEqual([]);
  });

  it('lists page after page, through the middleware of the client', async () => {
    const paged = clientOf();
    let pages = 0;
    paged.middlewareStack.add(
      (next) => (step) => {
        pages++;
        return next({ ...step, input: { ...step.input, MaxKeys: 2 } });
      },
      { step: 'initialize', name: 'twoKeysAPage' },
    );
    expect((await listed(s3Store(paged), 's3://mill/t')).length).toBe(KEYS.length);
    expect(pages).toBe(3);
    paged.destroy();
  });

  it('reads every key, by signed ranges', async () => {
    for (const object of await listed(store, 's3://mill/t')) {
      const options = { rangeBytes: 70_000, concurrency: 3 };
      const chunks = await lastValueFrom(storeBytes(store, object, options).pipe(toArray()));
      expect(chunks.map(({ length }) => length)).toEqual([70_000, 70_000, 70_000, 70_000, 20_000]);
      expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
    }
  });

  it('reads into given memory', async () => {
    const [object] = await listed(store, 's3://mill/t');
    const into = new Uint8Array(1000);
    expect(await store.read(object!, 5, 1005, { into })).toBe(into);
    expect(Buffer.compare(into, bytes.subarray(5, 1005))).toBe(0);
  });

  it('reads objects that were uploaded in parts', async () => {
    const target = { Bucket: 'mill', Key: 'parts' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    const bodies = [patternBytes(5 * 1024 * 1024), bytes];
    const Parts = [];
    for (const [index, Body] of bodies.entries()) {
      const part = { PartNumber: index + 1, UploadId };
      const { ETag } = await client.send(new UploadPartCommand({ ...target, ...part, Body }));
      Parts.push({ ETag, PartNumber: index + 1 });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    const [object] = await listed(store, 's3://mill/parts');
    const chunks = await lastValueFrom(storeBytes(store, object!, { rangeBytes: 1_000_000 }).pipe(toArray()));
    expect(Buffer.concat(chunks).equals(Buffer.concat(bodies))).toBe(true);
  });

  it('rejects if the object has changed since it was listed, or is gone', async () => {
    const put = (Body: string) => client.send(new PutObjectCommand({ Bucket: 'mill', Key: 'changing', Body }));
    await put('one');
    const [object] = await listed(store, 's3://mill/changing');
    await put('two');
    await expect(store.read(object!, 0, 3)).rejects.toMatchObject({ code: 'ERR_CHANNEL_CHANGED', status: 412 });
    const gone = { ...object!, url: 's3://mill/gone', version: undefined };
    await expect(store.read(gone, 0, 3)).rejects.toMatchObject({ status: 404, path: 's3://mill/gone' });
    await expect(store.read(gone, 0, 3)).rejects.toThrow(
      /^Cannot read the bytes 0 to 3 of s3:\/\/mill\/gone: the server answered 404 \(NoSuchKey: .*\)\. Check the key\./,
    );
  });

  it('rejects with a remedy for a wrong secret, a wrong key and a missing bucket', async () => {
    const credentials = { accessKeyId: server?.accessKeyId ?? '', secretAccessKey: 'wrong' };
    const refused = s3Store(clientOf({ credentials }));
    const [object] = await listed(store, 's3://mill/test/x');
    await expect(refused.read(object!, 0, 3)).rejects.toThrow(
      /403 \(SignatureDoesNotMatch: .*\)\. Check the secret key/,
    );
    await expect(listed(refused, 's3://mill/')).rejects.toThrow(
      /403 \(SignatureDoesNotMatch: .*\)\. Check the secret key/,
    );
    await expect(listed(store, 's3://none/')).rejects.toThrow(
      /^Cannot list s3:\/\/none\/: the server answered 404 \(NoSuchBucket: .*\)\. Check the name of the bucket/,
    );
  });

  it('ends with the signal’s reason', async () => {
    const [object] = await listed(store, 's3://mill/test/x');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.read(object!, 0, 3, { signal })).rejects.toThrow('enough');
    await expect(store.list('s3://mill/', { signal })[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
  });

  it('reads prefixes, patterns and keys by recordsFromFiles', async () => {
    const files = { 'lines/a.txt': 'a\n', 'lines/b.txt': 'b\n', 'lines/deep/c.txt': 'c\n', 'lines-d.txt': 'd\n' };
    for (const [Key, Body] of Object.entries(files)) {
      await client.send(new PutObjectCommand({ Bucket: 'mill', Key, Body }));
    }
    const read = (url: string) => textsOf(recordsFromFiles(url, { recordFormat: 'TextLine', store }));
    expect(await read('s3://mill/lines')).toEqual(['a', 'b', 'c']);
    expect(await read('s3://mill/lines/*.txt')).toEqual(['a', 'b']);
    expect(await read('s3://mill/**/?.txt')).toEqual(['a', 'b', 'c']);
    expect(await read('s3://mill/lines-d.txt')).toEqual(['d']);
    await expect(read('s3://mill/lines/*.csv')).rejects.toMatchObject({ code: 'ERR_CHANNEL_EMPTY' });
    await expect(read('s3://none/lines')).rejects.toMatchObject({ status: 404 });
  });

  it('is what the command line reads s3:// with', async () => {
    const { endpoint = '', region, accessKeyId, secretAccessKey } = server ?? {};
    const environment = {
      AWS_ENDPOINT_URL: endpoint.replace('127.0.0.1', 'localhost'),
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const inspected = await startMillrace(['inspect', 's3://mill/lines/'], environment).ended;
    expect(inspected).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('3 records in 6 bytes of 3 files'),
    });
    const folder = await mkdtemp(join(tmpdir(), 'millrace-'));
    const path = join(folder, 'pipeline.json');
    await writeFile(path, '{ "channels": { "train": { "files": "s3://mill/lines/", "recordFormat": "TextLine" } } }');
    const refused = startMillrace(['run', path], environment).ended;
    expect(await refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('add "--store s3" to millrace run'),
    });
    const run = await startMillrace(['run', path, '--store', 's3'], environment).ended;
    expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('3 items') });
    await rm(folder, { recursive: true });
  }, 60_000);

  it('reads the exact bytes through faults, each request signed anew', async () => {
    const proxy = await FaultProxy.start(Number(new URL(server!.endpoint).port));
    const through = s3Store(clientOf({ endpoint: `http://127.0.0.1:${proxy.port}` }), { backoffMs: 1 });
    const [object] = await listed(through, 's3://mill/test/x');
    proxy.play([
      { kind: 'busy' },
      { kind: 'cut', at: 20_000 },
      { kind: 'reset', at: 9_000 },
      { kind: 'length', difference: 5 },
    ]);
    const chunks = await lastValueFrom(storeBytes(through, object!, { rangeBytes: 100_000 }).pipe(toArray()));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(proxy.played.length).toBeGreaterThanOrEqual(6);
    await proxy.stop();
  });
});
