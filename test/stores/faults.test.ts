import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { lastValueFrom, toArray } from 'rxjs';
import { ChannelError } from '../../src/base/errors.js';
import { httpStore } from '../../src/stores/httpStore.js';
import { openRanges } from '../../src/stores/rangeWindow.js';
import type { StoredObject } from '../../src/stores/store.js';
import { objectBytes, storeBytes } from '../../src/stores/storeBytes.js';
import { until } from '../support/fifoWriter.js';
import { FaultProxy, type Fault } from './support/faultProxy.js';
import { patternBytes, RangeServer } from './support/rangeServer.js';

jest.setTimeout(600_000);

/** Run `MILLRACE_FAULTS=1000 npm run jest -- test/stores/faults` before a release. */
const SCHEDULES = Number(env['MILLRACE_FAULTS'] ?? 100);

const bytes = patternBytes(20_000);
const at = fc.nat(6_000);

const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fault>({ kind: 'none' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reset' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stall' as const), at }) },
  { weight: 3, arbitrary: fc.constant<Fault>({ kind: 'busy' }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('length' as const), difference: fc.integer({ min: -300, max: 300 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drip' as const), pieceBytes: fc.integer({ min: 1, max: 2000 }) }),
  },
  { weight: 1, arbitrary: fc.constant<Fault>({ kind: 'version' }) },
);

const plan = fc.record({
  faults: fc.array(anyFault, { maxLength: 30 }),
  rangeBytes: fc.integer({ min: 500, max: 25_000 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  start: fc.nat(bytes.length),
  // Ranges of at most this size are read into fresh memory, and larger ones into memory that is used again.
  pieceBytes: fc.integer({ min: 100, max: 25_000 }),
});

let server: RangeServer;
let proxy: FaultProxy;
let object: StoredObject;

beforeAll(async () => {
  server = await RangeServer.start();
  proxy = await FaultProxy.start(server.port);
  server.serve('/x', { bytes, etag: '"v1"' });
  object = { url: `http://127.0.0.1:${proxy.port}/x`, byteLength: bytes.length, version: '"v1"', hasRanges: true };
});

afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

describe('storeBytes behind a faulty network', () => {
  it('emits the exact bytes, or one clear error, and leaves no connection', async () => {
    // A short idle timeout, because stalls would take most of the time. On a busy machine, a wait may become a stall.
    const store = httpStore({ attempts: 4, backoffMs: 0.5, idleTimeoutMs: 50 });
    const endings = new Map<string, number>();
    const count = (name: string) => endings.set(name, (endings.get(name) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(plan, async ({ faults, start, ...options }) => {
        proxy.play(faults);
        const chunks: Uint8Array[] = [];
        const stored = { store, object };
        const read$ = objectBytes(stored, { name: 'test', start, open: openRanges(stored, options, start) });
        const error = await new Promise<unknown>((resolve) => {
          read$.subscribe({ next: (chunk) => chunks.push(chunk), error: resolve, complete: () => resolve(undefined) });
        });
        const read = Buffer.concat(chunks);
        const expected = bytes.subarray(start);
        // The bytes before an error are also correct.
        expect(Buffer.compare(read, expected.subarray(0, read.length))).toBe(0);
        if (error === undefined) expect(read.length).toBe(expected.length);
        else expectClear(error, faults);
        count(error === undefined ? 'complete' : (error as ChannelError).code);
      }),
      { numRuns: SCHEDULES },
    );
    expect(endings.get('complete')).toBeGreaterThan(SCHEDULES / 4);
    // Idle connections close after four seconds.
    await until(() => proxy.connections === 0);
  });

  it('says that the object has changed, if its version changes between two ranges', async () => {
    proxy.play([{ kind: 'none' }, { kind: 'version' }]);
    const read$ = storeBytes(httpStore(), object, { rangeBytes: 6000, concurrency: 1 });
    await expect(lastValueFrom(read$.pipe(toArray()))).rejects.toMatchObject({ code: 'ERR_CHANNEL_CHANGED' });
  });

  it('outlasts a storm of 503, and goes on after each cut', async () => {
    const store = httpStore({ backoffMs: 0.5 });
    const busy = Array.from({ length: 7 }, (): Fault => ({ kind: 'busy' }));
    proxy.play([...busy]);
    const options = { rangeBytes: bytes.length, concurrency: 1 };
    expect(Buffer.concat(await lastValueFrom(storeBytes(store, object, options).pipe(toArray()))).equals(bytes)).toBe(
      true,
    );
    expect(proxy.played.length).toBe(8);
    proxy.play([...busy, { kind: 'busy' }]);
    await expect(lastValueFrom(storeBytes(store, object, options))).rejects.toThrow(
      /after 8 attempts: the server answered 503\. The server is overloaded/,
    );
    proxy.play(Array.from({ length: 7 }, (): Fault => ({ kind: 'cut', at: 2000 })));
    expect(Buffer.concat(await lastValueFrom(storeBytes(store, object, options).pipe(toArray()))).equals(bytes)).toBe(
      true,
    );
  });
});

/** An error names the object, the failure and the remedy. A fault must have caused it, or a wait on a busy machine. */
function expectClear(error: unknown, faults: readonly Fault[]): void {
  expect(error).toBeInstanceOf(ChannelError);
  const { code, message, path } = error as ChannelError;
  expect(path).toBe(object.url);
  expect(message).toContain(object.url);
  if (code === 'ERR_CHANNEL_CHANGED') {
    expect(faults).toContainEqual({ kind: 'version' });
    return;
  }
  expect(code).toBe('ERR_CHANNEL_IO');
  expect(message).toMatch(/^Cannot read the bytes \d+ to \d+ of .* after 4 attempts: .+\. .+\.$/s);
  if (!message.includes('sent no byte for 0.05 seconds')) expect(faults.length).toBeGreaterThan(0);
}
