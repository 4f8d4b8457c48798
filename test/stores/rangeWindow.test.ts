import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RangeWindow, type ObjectReading, type RangeWindowOptions } from '../../src/stores/rangeWindow.js';
import type { Store, StoredObject } from '../../src/stores/store.js';
import { patternBytes } from './support/rangeServer.js';

const bytes = patternBytes(10_000);
const object: StoredObject = { url: 'x', byteLength: bytes.length, version: undefined, hasRanges: true };

interface Reader extends Store {
  /** The ranges that were requested, in order. */
  readonly requests: { readonly start: number; readonly into: Uint8Array | undefined; readonly signal: AbortSignal }[];
}

/** A store that reads into the memory that it gets, or ignores it. */
function storeOf(ignoresMemory: (index: number) => boolean = () => false): Reader {
  const requests: Reader['requests'] = [];
  return {
    requests,
    schemes: [],
    list: () => {
      throw new Error('not listed');
    },
    read: async (_object, start, end, { into, signal } = {}) => {
      const index = requests.push({ start, into, signal: signal! }) - 1;
      await Promise.resolve();
      signal?.throwIfAborted();
      if (!into || ignoresMemory(index)) return bytes.slice(start, end);
      into.set(bytes.subarray(start, end));
      // A Buffer's `slice` copies nothing.
      return Buffer.from(into.buffer, into.byteOffset, into.length);
    },
  };
}

async function readAll({ next, close }: ObjectReading): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await next(); chunk; chunk = await next()) chunks.push(chunk);
  close();
  return chunks;
}

const OPTIONS: RangeWindowOptions = { rangeBytes: 1000, concurrency: 3, pieceBytes: 300 };
const windowOn = (
  store: Store,
  options: Partial<RangeWindowOptions> = {},
  objects = [object],
  signal?: AbortSignal,
) => {
  const stored = objects.map((each) => ({ store, object: each }));
  return new RangeWindow(stored, { ...OPTIONS, ...options }, signal);
};

describe('RangeWindow', () => {
  it('hands on the exact bytes in memory of their own, for any sizes, although it uses the memory of ranges again', async () => {
    const plan = fc.record({
      rangeBytes: fc.integer({ min: 50, max: 12_000 }),
      pieceBytes: fc.integer({ min: 20, max: 12_000 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
      maxBytes: fc.integer({ min: 1, max: 20_000 }),
      start: fc.nat(bytes.length),
      ignored: fc.array(fc.boolean(), { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ start, ignored, ...options }) => {
        const window = windowOn(
          storeOf((index) => ignored[index % ignored.length]!),
          options,
          [object, object],
        );
        const read = [await readAll(window.open(0, start)), await readAll(window.open(1))];
        expect(read.map((chunks) => Buffer.concat(chunks).equals(bytes))).toEqual([start === 0, true]);
        expect(Buffer.concat(read[0]!).equals(bytes.subarray(start))).toBe(true);
        const chunks = read.flat();
        expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBe(chunks.length);
      }),
    );
  });

  it('hands on a range in chunks, and requests the next range when its last chunk was taken', async () => {
    const store = storeOf();
    const { next } = windowOn(store).open(0);
    const read: unknown[] = [];
    for (let count = 0; count < 5; count++) read.push([(await next())?.length, store.requests.length]);
    expect(read).toEqual([
      [300, 3],
      [300, 3],
      [300, 3],
      [100, 3],
      [300, 4],
    ]);
  });

  it('uses the memory of as many ranges as are in flight', async () => {
    const store = storeOf();
    await readAll(windowOn(store).open(0));
    expect(store.requests.length).toBe(10);
    expect(new Set(store.requests.map(({ into }) => into?.buffer)).size).toBe(3);
  });

  it('offers no memory for ranges of one chunk', async () => {
    const store = storeOf();
    await readAll(windowOn(store, { pieceBytes: 1000 }).open(0));
    expect(store.requests.map(({ into }) => into)).toEqual(Array.from({ length: 10 }));
  });

  it('does not use the memory of an object that is closed early, because a request may still write into it', async () => {
    const store = storeOf();
    const window = windowOn(store, { concurrency: 2 }, [object, object]);
    const first = window.open(0);
    await first.next();
    first.close();
    const early = new Set(store.requests.splice(0).map(({ into }) => into?.buffer));
    expect(Buffer.concat(await readAll(window.open(1))).equals(bytes)).toBe(true);
    expect(store.requests.some(({ into }) => early.has(into?.buffer))).toBe(false);
  });

  it('requests no more bytes than it may, except for a single range', async () => {
    const store = storeOf();
    const { next } = windowOn(store, { maxBytes: 2500 }).open(0);
    await next();
    expect(store.requests.map(({ start }) => start)).toEqual([0, 1000]);
    const narrow = storeOf();
    expect(Buffer.concat(await readAll(windowOn(narrow, { maxBytes: 10 }).open(0))).equals(bytes)).toBe(true);
  });

  it('requests the ranges of the next objects ahead', async () => {
    const store = storeOf();
    const small = { ...object, byteLength: 100 };
    await windowOn(store, {}, [small, small, small, small]).open(0).next();
    expect(store.requests.length).toBe(3);
  });

  it('ends its requests and the reading with the reason of its signal', async () => {
    const stop = new AbortController();
    const store = storeOf();
    const { next } = windowOn(store, {}, [object], stop.signal).open(0);
    await next();
    const { signal } = store.requests[2]!;
    stop.abort(new Error('enough'));
    expect(signal.reason).toBe(stop.signal.reason);
    await expect(next()).rejects.toThrow('enough');
    expect(store.requests.length).toBe(3);
  });
});
