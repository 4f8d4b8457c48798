import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, take, toArray } from 'rxjs';
import { originOf } from '../../src/base/origins.js';
import { httpStore } from '../../src/stores/httpStore.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { storeBytes } from '../../src/stores/storeBytes.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { until } from '../support/fifoWriter.js';
import { settle } from '../support/openHandles.js';
import { patternBytes, rangeServers, type RangeServer } from './support/rangeServer.js';

const newServer = rangeServers();
const bytes = patternBytes(10_000);
const store = httpStore({ attempts: 2, backoffMs: 0 });

async function served(): Promise<{ server: RangeServer; object: StoredObject }> {
  const server = await newServer();
  const url = server.serve('/x', { bytes, etag: '"v1"' });
  return { server, object: { url, byteLength: bytes.length, version: '"v1"', hasRanges: true } };
}

/** Holds the responses until the test releases them, by the start of the range. */
function heldAnswers(server: RangeServer): {
  readonly waiting: () => string[];
  readonly release: (range: string) => void;
} {
  const held = new Map<string, () => void>();
  server.answer = (request, response) => {
    const range = request.headers.range!;
    if (request.headers['x-released'] !== undefined) return false;
    held.set(range, () => {
      held.delete(range);
      const [, start, last] = /(\d+)-(\d+)/.exec(range)!.map(Number) as [number, number, number];
      const head = { 'content-length': last + 1 - start, 'content-range': `bytes ${start}-${last}/${bytes.length}` };
      response.writeHead(206, { etag: '"v1"', ...head }).end(bytes.subarray(start, last + 1));
    });
    return true;
  };
  return { waiting: () => [...held.keys()].sort(), release: (range) => held.get(range)!() };
}

describe('storeBytes', () => {
  it('emits every byte in order, in ranges, and knows where they come from', async () => {
    const { object } = await served();
    const chunks = await lastValueFrom(storeBytes(store, object, { rangeBytes: 3000 }).pipe(toArray()));
    expect(chunks.map(({ length }) => length)).toEqual([3000, 3000, 3000, 1000]);
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
    expect(originOf(chunks[2]!.subarray(10))).toMatchObject({ path: object.url, byteOffset: 6010 });
  });

  it('begins at a byte, also at the last and the end', async () => {
    const { object, server } = await served();
    for (const start of [1, 9999, 10_000]) {
      const read = await lastValueFrom(storeBytes(store, object, { start, rangeBytes: 3000 }).pipe(toArray()));
      expect(Buffer.compare(Buffer.concat(read), bytes.subarray(start))).toBe(0);
    }
    expect(server.ranges.at(-1)).toBe('bytes=9999-9999');
  });

  it('has several ranges in flight, and delivers them in order', async () => {
    const { object, server } = await served();
    const { waiting, release } = heldAnswers(server);
    const consumer = consumeByHand(storeBytes(store, object, { rangeBytes: 1000, concurrency: 3 }), { isOpen: true });
    await until(() => waiting().length === 3);
    release('bytes=2000-2999');
    release('bytes=1000-1999');
    await until(() => waiting().length === 1);
    await settle();
    expect([waiting(), consumer.items.length]).toEqual([['bytes=0-999'], 0]);
    release('bytes=0-999');
    await until(() => consumer.items.length === 3 && waiting().length === 3);
    expect(Buffer.compare(Buffer.concat(consumer.items as Buffer[]), bytes.subarray(0, 3000))).toBe(0);
    consumer.subscription.unsubscribe();
    await server.untilConnections(0);
  });

  it('requests nothing while its gate is closed, and leaves no range half-read', async () => {
    const { object, server } = await served();
    const source$ = storeBytes(store, object, { rangeBytes: 1000, concurrency: 2 });
    const consumer = consumeByHand(source$, { onItem: (_item, gate) => gate.close() });
    await settle();
    expect(server.requests).toEqual([]);
    for (const count of [1, 2, 3]) {
      consumer.gate.open();
      await until(() => consumer.items.length === count);
      // A pull fills the window up to two ranges.
      await until(() => server.requests.every(({ socket }) => socket.bytesRead > 0));
      expect(server.requests.length).toBeLessThanOrEqual(count + 1);
    }
    consumer.subscription.unsubscribe();
  });

  it('ends its requests when it is unsubscribed', async () => {
    const { object, server } = await served();
    const { waiting } = heldAnswers(server);
    const { subscription } = storeBytesByHand(object);
    await until(() => waiting().length === 4);
    subscription.unsubscribe();
    await server.untilConnections(0);
  });

  it('emits the bytes before an error', async () => {
    const { object, server } = await served();
    server.answer = ({ headers }, response) =>
      headers.range === 'bytes=2000-2999' && response.writeHead(403).end().writableEnded;
    const consumer = storeBytesByHand(object);
    await until(() => consumer.ending() !== undefined);
    expect(consumer.ending()).toMatchObject({ code: 'ERR_CHANNEL_IO', status: 403 });
    expect(consumer.items.length).toBe(2);
  });

  it('reads an object without ranges from its start, and drops the bytes before its own', async () => {
    const { object } = await served();
    const whole = { ...object, hasRanges: false };
    for (const start of [0, 1234]) {
      const read = await lastValueFrom(storeBytes(store, whole, { start }).pipe(toArray()));
      expect(Buffer.compare(Buffer.concat(read), bytes.subarray(start))).toBe(0);
    }
    expect((await lastValueFrom(storeBytes(store, whole).pipe(take(1)))).length).toBeGreaterThan(0);
    const { schemes, list, read }: Store = store;
    const failing$ = storeBytes({ schemes, list, read }, whole);
    await expect(lastValueFrom(failing$)).rejects.toThrow(/its store can read only ranges/);
  });

  it('reads an empty object without a request', async () => {
    const { object, server } = await served();
    expect(await lastValueFrom(storeBytes(store, { ...object, byteLength: 0 }).pipe(toArray()))).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  it('throws at the call for bad arguments', async () => {
    const { object } = await served();
    expect(() => storeBytes({} as Store, object)).toThrow(/expected a store: fileStore/);
    expect(() => storeBytes(store, {} as StoredObject)).toThrow(/storeBytes:\n? .*object\.url/);
    expect(() => storeBytes(store, object, { start: 10_001 })).toThrow(/start: expected at most 10000/);
    expect(() => storeBytes(store, object, { concurrency: 0 })).toThrow(/concurrency/);
  });
});

function storeBytesByHand(object: StoredObject) {
  return consumeByHand(storeBytes(store, object, { rangeBytes: 1000, concurrency: 4 }), { isOpen: true });
}
