import { env } from 'node:process';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  type S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { ChannelError } from '../../src/base/errors.js';
import { s3Store } from '../../src/s3/s3Store.js';
import { FaultProxy, type Fault } from '../stores/support/faultProxy.js';
import { patternBytes } from '../stores/support/rangeServer.js';
import { until } from '../support/fifoWriter.js';
import { clientsOf } from './support/clientsOf.js';
import { runningSwift } from './support/runningSwift.js';

jest.setTimeout(1_800_000);

/** Run `MILLRACE_FAULTS=300 npm run jest -- test/s3/uploadFaults` before a release. */
const SCHEDULES = Number(env['MILLRACE_FAULTS'] ?? 8);

const MEBIBYTE = 1024 * 1024;
const bytes = patternBytes(17 * MEBIBYTE);
const at = fc.nat(9 * MEBIBYTE);

const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fault>({ kind: 'none' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('upload' as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(500) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reset' as const), at: fc.nat(500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stall' as const), at: fc.nat(500) }) },
  { weight: 3, arbitrary: fc.constant<Fault>({ kind: 'busy' }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drip' as const), pieceBytes: fc.integer({ min: 1, max: 90 }) }),
  },
);

const plan = fc.record({
  faults: fc.array(anyFault, { maxLength: 12 }),
  size: fc.oneof(fc.nat(30_000), fc.integer({ min: 8 * MEBIBYTE + 1, max: 9 * MEBIBYTE }), {
    weight: SCHEDULES > 50 ? 1 : 0,
    arbitrary: fc.integer({ min: 16 * MEBIBYTE, max: bytes.length }),
  }),
  exclusive: fc.boolean(),
});

/** Three attempts like the SDK's default, but without its waits. */
const ATTEMPTS = 3;
const tokenOf = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 1 });
const retryStrategy: NonNullable<S3ClientConfig['retryStrategy']> = {
  acquireInitialRetryToken: () => Promise.resolve(tokenOf(0)),
  refreshRetryTokenForRetry: (token, { errorType }) => {
    const count = token.getRetryCount() + 1;
    if (count === ATTEMPTS || errorType === 'CLIENT_ERROR') return Promise.reject(new Error('no more attempts'));
    return Promise.resolve(tokenOf(count));
  },
  recordSuccess: () => undefined,
};

const server = await runningSwift('test/s3/uploadFaults.test.ts');

const clientOf = (config?: S3ClientConfig) => clientsOf(server)({ retryStrategy, ...config });

(server ? describe : describe.skip)('s3Store, writing behind a faulty network', () => {
  const client = clientOf();
  const sound = s3Store(client);

  let proxy: FaultProxy;
  let faulty: S3Client;
  /** The commands of the faulty client that have failed. */
  const failed: string[] = [];

  beforeAll(async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'mill' }));
    proxy = await FaultProxy.start(Number(new URL(server!.endpoint).port));
    faulty = clientOf({ endpoint: `http://127.0.0.1:${proxy.port}` });
    faulty.middlewareStack.add(
      (next, { commandName = '' }: { readonly commandName?: string }) =>
        (step) =>
          next(step).catch((error: unknown) => {
            failed.push(commandName);
            throw error;
          }),
      { step: 'initialize', name: 'seesFailures' },
    );
  });

  afterAll(async () => {
    faulty.destroy();
    client.destroy();
    await proxy.stop();
  });

  async function uploads(): Promise<number> {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'mill' }));
    return Uploads.length;
  }

  async function stored(key: string): Promise<Uint8Array | undefined> {
    const found = await client.send(new GetObjectCommand({ Bucket: 'mill', Key: key })).catch((error: unknown) => {
      if ((error as Error).name !== 'NoSuchKey') throw error;
    });
    return found?.Body?.transformToByteArray();
  }

  it('stores the exact bytes, or rejects with one clear error, and leaves no upload and no connection', async () => {
    const store = s3Store(faulty, { idleTimeoutMs: 1500 });
    const endings = { written: 0, failed: 0, left: 0 };
    let count = 0;
    await fc.assert(
      fc.asyncProperty(plan, async ({ faults, size, exclusive }) => {
        const key = `object-${count++}`;
        const content = bytes.subarray(0, size);
        proxy.play(faults);
        failed.length = 0;
        const error = await writeWhole(store, `s3://mill/${key}`, { content, exclusive });
        const found = await stored(key);
        // After an error, the object may exist: the server has answered, and the response was lost.
        if (found) expect(Buffer.compare(found, content)).toBe(0);
        if (error === undefined) expect(found?.length).toBe(size);
        else expectClear(error, `s3://mill/${key}`);
        endings[error === undefined ? 'written' : 'failed']++;
        if ((await uploads()) === 0) return;
        endings.left++;
        await sound.removeUnfinished('s3://mill/', () => true);
        expect(await uploads()).toBe(0);
        // The requests that remove an upload have failed too.
        expect(failed).toEqual(expect.arrayContaining([expect.stringMatching(/^(Abort|List|Create)/)]));
      }),
      { numRuns: SCHEDULES },
    );
    if (SCHEDULES > 50) console.log(`${SCHEDULES} schedules of uploads: ${JSON.stringify(endings)}`);
    expect(endings.written).toBeGreaterThan(0);
    faulty.destroy();
    await until(() => proxy.connections === 0);
  });
});

async function writeWhole(
  store: ReturnType<typeof s3Store>,
  url: string,
  { content, exclusive }: { readonly content: Uint8Array; readonly exclusive: boolean },
): Promise<unknown> {
  const writer = await store.create(url, { exclusive });
  try {
    for (let from = 0; from < content.length; from += MEBIBYTE) {
      await writer.write(content.subarray(from, from + MEBIBYTE));
    }
    await writer.finish();
    return undefined;
  } catch (error) {
    await writer.abort();
    return error;
  }
}

function expectClear(error: unknown, url: string): void {
  expect(error).toBeInstanceOf(ChannelError);
  expect(error).toMatchObject({ code: 'ERR_CHANNEL_IO', path: url });
  expect((error as ChannelError).message).toMatch(/^Cannot write s3:\/\/mill\/object-\d+: .+\. .+\.$/s);
}
