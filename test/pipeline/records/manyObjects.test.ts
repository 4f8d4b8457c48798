import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { take } from 'rxjs';
import { resumable } from '../../../operators/resumable.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import type { Store } from '../../../src/stores/store.js';
import { consumeByHand } from '../../../src/testing/consumeByHand.js';
import { until } from '../../support/fifoWriter.js';
import { settle } from '../../support/openHandles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { textsOf, writeFiles } from '../recordFiles.js';
import { FolderStore } from './support/folderStore.js';
import { HeldStore } from './support/heldStore.js';

const newFolder = temporaryFolders();
const LINES = { recordFormat: 'TextLine' } as const;
const SIX = { a: 'a1', b: 'b1', c: 'c1', d: 'd1', e: 'e1', f: 'f1' };

function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = newFolder();
  writeFiles(folder, files);
  return folder;
}

/** Reads the bytes of one file after the other. */
const readBytes = (store: Store, options: object = {}) =>
  recordsFromFiles('disk://data/**', { recordFormat: (bytes$) => bytes$, compression: 'none', store, ...options });

describe('recordsFromFiles with many objects', () => {
  it('requests the next objects ahead, and emits their records in order', async () => {
    const store = new HeldStore(folderOf(SIX));
    const records$ = recordsFromFiles('disk://data/*', { ...LINES, store, concurrency: 3 });
    const { items, ending } = consumeByHand(records$, { isOpen: true });
    await until(() => store.waiting.length === 3);
    store.release('c 0-2');
    store.release('b 0-2');
    await settle();
    expect([store.waiting, items.length]).toEqual([['a 0-2'], 0]);
    store.release('a 0-2');
    await until(() => store.waiting.length === 3);
    expect(items.map(String)).toEqual(['97,49', '98,49', '99,49']);
    for (const name of [...store.waiting]) store.release(name);
    await until(() => ending() === 'complete');
    expect(items.length).toBe(6);
  });

  it('fills the window with ranges of the next objects after the last range of one', async () => {
    const store = new FolderStore(folderOf({ a: 'abcde', b: '', c: 'fg', d: 'h' }));
    const chunks = await textsOf(readBytes(store, { rangeBytes: 2, concurrency: 2 }));
    expect(chunks).toEqual(['ab', 'cd', 'e', 'fg', 'h']);
    expect(store.ranges).toEqual(['a 0-2', 'a 2-4', 'a 4-5', 'c 0-2', 'd 0-1']);
  });

  it('requests nothing while its gate is closed', async () => {
    const store = new FolderStore(folderOf(SIX));
    const records$ = recordsFromFiles('disk://data/*', { ...LINES, store, concurrency: 2 });
    const consumer = consumeByHand(records$, { onItem: (_item, gate) => gate.close() });
    await settle();
    expect(store.ranges).toEqual([]);
    for (const count of [1, 2, 3]) {
      consumer.gate.open();
      await until(() => consumer.items.length === count);
      await settle();
      expect(store.ranges.length).toBeLessThanOrEqual(count + 2);
    }
    consumer.subscription.unsubscribe();
  });

  it('notifies an error after the records of all earlier objects', async () => {
    const folder = folderOf(SIX);
    const store = new HeldStore(folder);
    const records$ = recordsFromFiles('disk://data/*', { ...LINES, store, concurrency: 4 });
    const consumer = consumeByHand(records$, { isOpen: true });
    await until(() => store.waiting.length === 4);
    writeFiles(folder, { c: 'changed' });
    for (const name of ['d 0-2', 'c 0-2', 'b 0-2']) store.release(name);
    await settle();
    expect(consumer.ending()).toBeUndefined();
    store.release('a 0-2');
    await until(() => consumer.ending() !== undefined);
    expect(consumer.ending()).toMatchObject({ code: 'ERR_CHANNEL_CHANGED' });
    expect(consumer.items.length).toBe(2);
    // The requests ahead have ended.
    await until(() => store.waiting.length === 0);
  });

  it('ends the requests ahead when it is unsubscribed', async () => {
    const store = new HeldStore(folderOf(SIX));
    const { subscription } = consumeByHand(readBytes(store), { isOpen: true });
    await until(() => store.waiting.length === 4);
    subscription.unsubscribe();
    await until(() => store.waiting.length === 0);
  });

  it('reads compressed objects, paths and objects without ranges between others', async () => {
    const folder = folderOf({ a: gzipSync('a1\na2'), b: 'b1', c: gzipSync('c1'), d: 'd1', e: 'e1' });
    const files = new FolderStore(folder);
    const store: Store = {
      schemes: files.schemes,
      read: files.read,
      async *list(prefix) {
        for await (const object of files.list(prefix)) yield { ...object, hasRanges: !object.url.endsWith('/d') };
      },
      async *readAll(object) {
        yield await files.read(object, 0, object.byteLength!);
      },
    };
    const patterns = ['disk://data/[ab]', join(folder, 'c'), 'disk://data/[c-e]'];
    const lines$ = recordsFromFiles(patterns, { ...LINES, store });
    expect(await textsOf(lines$)).toEqual(['a1', 'a2', 'b1', 'c1', 'c1', 'd1', 'e1']);
  });

  it('ends the requests of an object that its decoder does not read to the end', async () => {
    const store = new HeldStore(folderOf({ a: 'abcdef', b: 'gh' }));
    const options = { recordFormat: take(1), compression: 'none', store, rangeBytes: 1, concurrency: 3 } as const;
    const { items } = consumeByHand(recordsFromFiles('disk://data/*', options), { isOpen: true });
    await until(() => store.waiting.length === 3);
    store.release('a 0-1');
    await until(() => store.waiting.join() === 'b 0-1,b 1-2');
    store.release('b 0-1');
    await until(() => items.length === 2);
    expect(items.map(String)).toEqual(['97', '103']);
  });

  it('resumes at an object, and requests none before it', async () => {
    const folder = folderOf(SIX);
    const first = resumable<Uint8Array>({ recordsPerItem: 1 });
    const read = (store: Store) => recordsFromFiles('disk://data/*', { ...LINES, store, concurrency: 2 });
    await textsOf(read(new FolderStore(folder)).pipe(first, take(4)));
    const store = new FolderStore(folder);
    expect(await textsOf(read(store).pipe(resumable({ cursor: first.cursor(), recordsPerItem: 1 })))).toEqual([
      'e1',
      'f1',
    ]);
    expect(store.ranges).not.toContain('c 0-2');
  });

  it('completes with thousands of empty objects', async () => {
    const object = (index: number) => ({ url: `disk://data/${index}`, byteLength: 0, version: '', hasRanges: true });
    const store: Store = {
      schemes: ['disk://'],
      read: () => Promise.reject(new Error('nothing is requested')),
      async *list() {
        for (let i = 0; i < 20_000; i++) yield await Promise.resolve(object(i));
      },
    };
    expect(await textsOf(readBytes(store))).toEqual([]);
  });

  it('emits the exact bytes, with any sizes, ranges and early ends, within its limit', async () => {
    const sizes = fc.array(fc.nat(12), { minLength: 1, maxLength: 8 });
    const limits = fc.record({
      rangeBytes: fc.integer({ min: 1, max: 9 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
    });
    const mostChunks = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(sizes, limits, mostChunks, async (lengths, { rangeBytes, concurrency }, most) => {
        const files = lengths.map((length, index) => [`f${index}`, Buffer.alloc(length, 97 + index)] as const);
        const store = new FolderStore(folderOf(Object.fromEntries(files)));
        let delivered = 0;
        let largest = 0;
        const read: Store['read'] = (...range) => {
          const bytes = store.read(...range);
          if (most === undefined) largest = Math.max(largest, store.ranges.length - delivered);
          return bytes;
        };
        const { schemes, list } = store;
        const chunks$ = readBytes(
          { schemes, list, read },
          {
            ...{ rangeBytes, concurrency },
            ...(most !== undefined && { recordFormat: take(most) }),
          },
        );
        const chunks: Uint8Array[] = [];
        await chunks$.forEach((chunk) => {
          delivered++;
          chunks.push(chunk);
        });
        const expected = files.map(([, bytes]) => bytes.subarray(0, (most ?? Infinity) * rangeBytes));
        expect(Buffer.concat(chunks).toString()).toBe(Buffer.concat(expected).toString());
        expect(largest).toBeLessThanOrEqual(concurrency);
      }),
      { numRuns: 50 },
    );
  });
});
