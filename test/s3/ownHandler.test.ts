import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { connect } from 'node:net';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { s3Store } from '../../src/s3/s3Store.js';
import { hasOwnHandler } from '../../src/s3/sendThrough.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { storeBytes } from '../../src/stores/storeBytes.js';
import { FaultProxy } from '../stores/support/faultProxy.js';
import { patternBytes } from '../stores/support/rangeServer.js';
import { clientsOf } from './support/clientsOf.js';
import { runningSwift } from './support/runningSwift.js';

const server = await runningSwift('test/s3/ownHandler.test.ts');
const bytes = patternBytes(300_000);

const clientOf = clientsOf(server);

/** Connects to a proxy instead of the endpoint, whose address is not known to this machine. */
class ProxyAgent extends Agent {
  readonly #proxyPort: number;

  constructor(proxyPort: number) {
    super({ keepAlive: true });
    this.#proxyPort = proxyPort;
  }

  override createConnection() {
    return connect(this.#proxyPort, '127.0.0.1');
  }
}

async function firstOf(store: Store, url: string): Promise<StoredObject> {
  for await (const object of store.list(url)) return object;
  throw new Error('no object');
}

describe('hasOwnHandler', () => {
  const hasOwn = (requestHandler?: object) =>
    hasOwnHandler(new S3Client({ region: 'us-east-1', ...(requestHandler && { requestHandler }) }));

  it.each([undefined, {}, { requestTimeout: 5 }, { httpsAgent: { maxSockets: 25 } }])(
    'is false for %p',
    async (requestHandler) => expect(await hasOwn(requestHandler)).toBe(false),
  );

  it.each([
    { httpsAgent: { ca: 'a certificate' } },
    { httpsAgent: new SecureAgent({ rejectUnauthorized: false }) },
    { httpAgent: { localAddress: '127.0.0.2' } },
    { httpAgent: new Agent() },
    { httpAgent: new ProxyAgent(1) },
  ])('is true for %p', async (requestHandler) => expect(await hasOwn(requestHandler)).toBe(true));
});

(server ? describe : describe.skip)('s3Store with a client that has its own agent', () => {
  const UNREACHABLE = 'http://unreachable.invalid';
  const direct = clientOf();
  let proxy: FaultProxy;
  let proxied: S3Client;
  let store: ReturnType<typeof s3Store>;

  beforeAll(async () => {
    await direct.send(new CreateBucketCommand({ Bucket: 'mill' }));
    proxy = await FaultProxy.start(Number(new URL(server!.endpoint).port));
    const httpAgent = new ProxyAgent(proxy.port);
    proxied = clientOf({ endpoint: UNREACHABLE, requestHandler: { httpAgent } });
    store = s3Store(proxied, { backoffMs: 1, idleTimeoutMs: 2000 });
    const writer = await store.create('s3://mill/x');
    await writer.write(bytes);
    await writer.finish();
  });

  afterAll(async () => {
    proxied.destroy();
    direct.destroy();
    await proxy.stop();
  });

  it('lists, writes and reads through the agent', async () => {
    proxy.play([]);
    const read$ = storeBytes(store, await firstOf(store, 's3://mill/x'), { rangeBytes: 100_000, concurrency: 1 });
    expect(Buffer.concat(await lastValueFrom(read$.pipe(toArray()))).equals(bytes)).toBe(true);
    expect(proxy.played).toHaveLength(4);
  });

  it('goes on after faults, from the byte reached', async () => {
    const object = await firstOf(store, 's3://mill/x');
    proxy.play([{ kind: 'busy' }, { kind: 'cut', at: 90_000 }, { kind: 'reset', at: 60_000 }]);
    const read$ = storeBytes(store, object, { rangeBytes: bytes.length, concurrency: 1 });
    expect(Buffer.concat(await lastValueFrom(read$.pipe(toArray()))).equals(bytes)).toBe(true);
    expect(proxy.played.length).toBeGreaterThanOrEqual(4);
  });

  it('rejects with the same errors', async () => {
    proxy.play([]);
    const object = await firstOf(store, 's3://mill/x');
    const gone = { ...object, url: 's3://mill/gone', version: undefined };
    await expect(store.read(gone, 0, 3)).rejects.toThrow(/404 \(NoSuchKey: .*\)\. Check the key\./);
    await expect(store.read({ ...object, version: '"other"' }, 0, 3)).rejects.toMatchObject({
      code: 'ERR_CHANNEL_CHANGED',
    });
  });

  it('ends with the reason of the signal, and when no byte comes', async () => {
    const object = await firstOf(store, 's3://mill/x');
    const hasty = s3Store(proxied, { attempts: 1, idleTimeoutMs: 200 });
    proxy.play([
      { kind: 'stall', at: 1000 },
      { kind: 'stall', at: 0 },
    ]);
    await expect(hasty.read(object, 0, 1000)).rejects.toThrow(/the server sent no byte for 0\.2 seconds/);
    const stop = new AbortController();
    const reading = store.read(object, 0, 1000, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  it('also uses a request handler that is not of the SDK', async () => {
    const { requestHandler } = proxied.config;
    let count = 0;
    const handler = {
      handle: (...call: Parameters<typeof requestHandler.handle>) => {
        count++;
        return requestHandler.handle(...call);
      },
    };
    const own = clientOf({ endpoint: UNREACHABLE, requestHandler: handler as typeof requestHandler });
    proxy.play([]);
    expect(Buffer.from(await s3Store(own).read(await firstOf(store, 's3://mill/x'), 5, 10))).toEqual(
      Buffer.from(bytes.subarray(5, 10)),
    );
    expect(count).toBe(1);
  });
});
