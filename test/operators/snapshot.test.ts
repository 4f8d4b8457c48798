import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  concat,
  defer,
  EMPTY,
  finalize,
  map,
  NEVER,
  of,
  repeat,
  Subject,
  take,
  throwError,
  type Observable,
} from 'rxjs';
import { cache } from '../../operators/cache.js';
import { prefetch } from '../../operators/prefetch.js';
import { shuffle } from '../../operators/shuffle.js';
import { snapshot, type SnapshotOptions } from '../../operators/snapshot.js';
import { ConfigError } from '../../src/base/errors.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fileStore } from '../../src/stores/fileStore.js';
import type { StoreCreateOptions } from '../../src/stores/store.js';
import { httpStore } from '../../src/stores/httpStore.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { temporaryFolder } from '../agent/temporaryJob.js';
import { all } from '../sinks/support/numbered.js';
import { anyItem } from '../snapshots/support/anyItem.js';
import { filesBelow, untilEmpty } from '../snapshots/support/folders.js';
import { sameItem } from '../snapshots/support/sameItem.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { nextTurn } from '../support/fifoWriter.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const KEY: SnapshotOptions = { key: 'v1' };

/** A source with other items for each subscription: 10, 11, 12, then 20, 21, 22, … */
function epochs(): { readonly source$: Observable<number>; readonly count: () => number } {
  let epoch = 0;
  const source$ = defer(() => {
    epoch++;
    return fromIterable([0, 1, 2].map((item) => epoch * 10 + item));
  });
  return { source$, count: () => epoch };
}

const failure = <T>(source$: Observable<T>): Promise<unknown> =>
  all(source$).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('snapshot', () => {
  it('reads its source once for all epochs, subscriptions and operators with the same key', async () => {
    const folder = newFolder();
    const { source$, count } = epochs();
    expect(await all(source$.pipe(snapshot(folder, KEY), repeat(3)))).toEqual([10, 11, 12, 10, 11, 12, 10, 11, 12]);
    expect(await all(source$.pipe(snapshot(`${folder}/`, { key: 'v1' })))).toEqual([10, 11, 12]);
    expect(await all(NEVER.pipe(snapshot(folder, KEY)))).toEqual([10, 11, 12]);
    expect(count()).toBe(1);
    expect(filesBelow(folder)).toHaveLength(1);
  });

  it('reads back any items', async () => {
    const items = fc.array(anyItem, { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(items, async (expected) => {
        const folder = newFolder();
        const kept = fromIterable(expected).pipe(snapshot(folder, KEY));
        for (const found of [await all(kept), await all(kept)]) expect(sameItem(found, expected)).toBe(true);
        expect(filesBelow(folder)).toHaveLength(1);
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });

  it('reads and writes blocks, and items larger than a block or a chunk', async () => {
    const expected = Array.from({ length: 40 }, (_, index) => Buffer.alloc((index * 7919 * 37) % 2_500_000, index));
    const kept = fromIterable(expected).pipe(snapshot(newFolder(), KEY));
    await all(kept);
    const found = await all(kept);
    expect(found.map((bytes, index) => Buffer.compare(bytes, expected[index]!))).toEqual(expected.map(() => 0));
  });

  it('emits new memory in each epoch', async () => {
    const kept = fromIterable([{ data: Uint8Array.of(1, 2) }, { data: Uint8Array.of(3) }]).pipe(
      snapshot(newFolder(), KEY),
    );
    await all(kept);
    const first = await all(kept);
    for (const { data } of first) data.fill(9);
    expect((await all(kept)).map(({ data }) => [...data])).toEqual([[1, 2], [3]]);
  });

  it('stores an item as it was before a later operator changed it', async () => {
    const kept = fromIterable([[1], [2]]).pipe(snapshot(newFolder(), KEY));
    await all(kept.pipe(map((item) => item.push(0))));
    expect(await all(kept)).toEqual([[1], [2]]);
  });

  it.each([
    ['a text', 'v1', 'v2'],
    ['numbers', [1, 2], [1, 3]],
    ['types', [1, '1', undefined], [1n, 1, null]],
    ['nested values', { a: { b: [1n] } }, { a: { b: [2n] } }],
    ['the order', ['a', 'b'], ['b', 'a']],
    ['infinity', { a: Infinity }, { a: NaN }],
    ['Maps', new Map([['a', 1]]), new Map([['a', 2]])],
    ['typed arrays', Int8Array.of(1), Uint8Array.of(1)],
    ['DataViews', new DataView(new ArrayBuffer(1)), new DataView(new ArrayBuffer(2))],
    ['the result of a function', () => 1, () => Promise.resolve(2)],
  ])('writes a new snapshot for another key, and keeps the old one: %s', async (_what, key, other) => {
    const folder = newFolder();
    const { source$ } = epochs();
    expect(await all(source$.pipe(snapshot(folder, { key })))).toEqual([10, 11, 12]);
    expect(await all(source$.pipe(snapshot(folder, { key: other })))).toEqual([20, 21, 22]);
    expect(await all(source$.pipe(snapshot(folder, { key })))).toEqual([10, 11, 12]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('writes a new snapshot if a function returns other versions of files', async () => {
    const [data, folder] = [newFolder(), newFolder()];
    const key = async (): Promise<unknown> => {
      const versions: unknown[] = [];
      for await (const { url, version } of fileStore().list(`${data}/`)) versions.push(url, version);
      return versions;
    };
    writeFileSync(join(data, 'a.txt'), 'one\n');
    const kept = recordsFromFiles(data, { recordFormat: 'TextLine' }).pipe(snapshot(folder, { key }));
    const read = async (): Promise<string[]> => (await all(kept)).map((line) => Buffer.from(line).toString());
    expect([await read(), await read()]).toEqual([['one'], ['one']]);
    writeFileSync(join(data, 'b.txt'), 'two\n');
    expect([await read(), await read()]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('keeps nothing if the key changes during the first epoch, and warns once', async () => {
    const folder = newFolder();
    let version = 0;
    const { source$ } = epochs();
    const changing = source$.pipe(
      map((item) => {
        if (item < 30) version++;
        return item;
      }),
      snapshot(folder, { key: () => version }),
    );
    const seen: unknown[] = [];
    const warnings = await collectWarnings(async () => {
      for (let epoch = 0; epoch < 4; epoch++) seen.push(await all(changing));
    });
    expect(seen).toEqual([
      [10, 11, 12],
      [20, 21, 22],
      [30, 31, 32],
      [30, 31, 32],
    ]);
    expect(filesBelow(folder)).toHaveLength(1);
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_SNAPSHOT_INCOMPLETE',
        message: expect.stringContaining('the key has changed during the epoch'),
      },
    ]);
  });

  it('keeps nothing of an epoch that is unsubscribed early, and warns once', async () => {
    const folder = newFolder();
    const { source$ } = epochs();
    const kept = source$.pipe(snapshot(folder, KEY));
    const warnings = await collectWarnings(async () => {
      for (const first of [10, 20]) {
        expect(await all(kept.pipe(take(1)))).toEqual([first]);
        await untilEmpty(folder);
      }
    });
    expect(await all(kept)).toEqual([30, 31, 32]);
    expect(await all(kept)).toEqual([30, 31, 32]);
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_SNAPSHOT_INCOMPLETE',
        message: expect.stringMatching(
          /^snapshot: the items were not saved, because the subscriber unsubscribed before the source ended\. If /,
        ),
      },
    ]);
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('keeps nothing of an epoch that fails, and has removed its files before the error', async () => {
    const folder = newFolder();
    const failing = concat(
      fromIterable([new Uint8Array(3 * 2 ** 20), new Uint8Array(1)]),
      throwError(() => new Error('source')),
    );
    const warnings = await collectWarnings(async () => {
      expect(await failure(failing.pipe(snapshot(folder, KEY)))).toMatchObject({
        message: 'source',
      });
    });
    expect(filesBelow(folder)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('fails with the reason of its signal while it writes and while it reads, without a warning', async () => {
    const folder = newFolder();
    const aborted = async (): Promise<unknown> => {
      const job = new AbortController();
      const kept = fromIterable([1, 2, 3]).pipe(
        snapshot(folder, { ...KEY, signal: job.signal }),
        map((item) => {
          if (item === 2) job.abort('stopped');
          return item;
        }),
      );
      return failure(kept);
    };
    const warnings = await collectWarnings(async () => {
      expect(await aborted()).toBe('stopped');
      await untilEmpty(folder);
      await all(fromIterable([1, 2]).pipe(snapshot(folder, KEY)));
      expect(await aborted()).toBe('stopped');
    });
    expect(warnings).toEqual([]);
  });

  it('fails for an item that cannot be stored, and keeps nothing', async () => {
    const folder = newFolder();
    const items = fromIterable<unknown>([1, { x: [new URL('http://a')] }]);
    const warnings = await collectWarnings(async () => {
      const error = await failure(items.pipe(snapshot(folder, KEY)));
      expect(error).toMatchObject({
        code: 'ERR_VALUE',
        path: 'x[0]',
        message: expect.stringMatching(/^snapshot: x\[0\]: /),
      });
      await untilEmpty(folder);
    });
    expect(warnings).toEqual([]);
  });

  it('is empty if its source is empty, also from the folder, and fails if an empty source is repeated forever', async () => {
    const folder = newFolder();
    expect(await all(EMPTY.pipe(snapshot(folder, KEY)))).toEqual([]);
    expect(await all(fromIterable([1]).pipe(snapshot(folder, KEY)))).toEqual([]);
    expect(await failure(EMPTY.pipe(snapshot(folder, KEY), repeat()))).toMatchObject({ code: 'ERR_CHANNEL_EMPTY' });
  });

  it('unsubscribes its source when it is unsubscribed', async () => {
    const seen: string[] = [];
    const source$ = defer(() => {
      seen.push('subscribed');
      return NEVER;
    }).pipe(finalize(() => seen.push('unsubscribed')));
    const subscription = source$.pipe(snapshot(newFolder(), KEY)).subscribe();
    while (seen.length === 0) await nextTurn();
    subscription.unsubscribe();
    expect(seen).toEqual(['subscribed', 'unsubscribed']);
  });

  it('writes and reads one item for each request', async () => {
    let made = 0;
    function* numbers(): Generator<number> {
      for (; made < 5; made++) yield made;
    }
    const kept = fromIterable({ [Symbol.iterator]: numbers }).pipe(snapshot(newFolder(), KEY));
    for (const epoch of ['written', 'read']) {
      const consumer = consumeByHand(kept, { onItem: (_item, gate) => gate.close() });
      for (let expected = 0; expected < 5; expected++) {
        consumer.gate.open();
        while (consumer.items.length === expected) await nextTurn();
        for (let turn = 0; turn < 20; turn++) await nextTurn();
        expect([epoch, consumer.items.length]).toEqual([epoch, expected + 1]);
        if (epoch === 'written') expect(made).toBeLessThanOrEqual(expected + 1);
      }
      consumer.gate.open();
      while (consumer.ending() === undefined) await nextTurn();
      expect(consumer.ending()).toBe('complete');
    }
    expect(made).toBe(5);
  });

  it('pauses its source while the store is slow', async () => {
    const local = fileStore();
    const pending: (() => void)[] = [];
    const slow = {
      ...local,
      create: async (url: string, options?: StoreCreateOptions) => {
        const writer = await local.create(url, options);
        const write = async (bytes: Uint8Array): Promise<void> => {
          await new Promise<void>((resolve) => pending.push(resolve));
          await writer.write(bytes);
        };
        return { ...writer, write, finish: () => writer.finish(), abort: () => writer.abort() };
      },
    };
    let made = 0;
    function* blocks(): Generator<Uint8Array> {
      for (; made < 30; made++) yield new Uint8Array(2 ** 20);
    }
    const kept = fromIterable({ [Symbol.iterator]: blocks }).pipe(snapshot(newFolder(), { ...KEY, store: slow }));
    const consumer = consumeByHand(kept, { isOpen: true });
    while (pending.length === 0) await nextTurn();
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    expect(made).toBeLessThanOrEqual(3);
    while (consumer.ending() === undefined) {
      pending.shift()?.();
      await nextTurn();
    }
    expect([consumer.ending(), consumer.items.length]).toEqual(['complete', 30]);
  });

  it('writes each of two epochs at once, and the first one to finish wins', async () => {
    const folder = newFolder();
    const sources: Subject<unknown>[] = [];
    const source$ = defer(() => {
      const source = new Subject<unknown>();
      sources.push(source);
      return source;
    });
    const kept = source$.pipe(snapshot(folder, KEY));
    const first = all(kept);
    while (sources.length < 1) await nextTurn();
    const second = all(kept);
    while (sources.length < 2) await nextTurn();
    sources[0]?.next(new Uint8Array(2 ** 20));
    while (filesBelow(folder).length === 0) await nextTurn();
    sources[1]?.next('b');
    sources[1]?.complete();
    expect(await second).toEqual(['b']);
    // The winner has removed the file of the other.
    expect(filesBelow(folder)).toHaveLength(1);
    sources[0]?.next('c');
    sources[0]?.complete();
    expect(await first).toEqual([new Uint8Array(2 ** 20), 'c']);
    expect(filesBelow(folder)).toHaveLength(1);
    expect(await all(kept)).toEqual(['b']);
  });

  it('is not read as data, if its folder is in the folder that is read', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'snapshots'));
    writeFileSync(join(folder, 'a.tfrecord'), '');
    const records = (pattern: string): Observable<Uint8Array> =>
      recordsFromFiles(pattern, { recordFormat: 'TFRecord' });
    await all(fromIterable([1, 2]).pipe(snapshot(join(folder, 'snapshots'), KEY)));
    expect(filesBelow(folder)).toHaveLength(2);
    expect(await all(records(folder))).toEqual([]);
    expect(await all(records(`${folder}/**`))).toEqual([]);
  });

  it('comes before shuffle and prefetch', async () => {
    const { source$ } = epochs();
    const kept = source$.pipe(snapshot(newFolder(), KEY), shuffle(10, { seed: 1 }), prefetch(2), repeat(2));
    const seen: number[] = [];
    for await (const item of toAsyncIterable(kept)) seen.push(item);
    expect(seen.slice(0, 3).sort()).toEqual([10, 11, 12]);
    expect(seen.slice(3).sort()).toEqual([10, 11, 12]);
  });

  it('fails if the folder cannot be written', async () => {
    const folder = newFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const error = await failure(of(1).pipe(snapshot(join(file, 'x'), KEY)));
    expect(error).toMatchObject({
      code: 'ERR_CHANNEL_IO',
      message: expect.stringContaining(`Cannot write the file ${file}/x/`),
    });
    expect(filesBelow(folder)).toEqual([file]);
  });

  it('throws at the call for bad arguments', () => {
    const call =
      (folder: unknown, options: unknown): (() => unknown) =>
      () =>
        snapshot(folder as string, options as SnapshotOptions);
    expect(call('', KEY)).toThrow(/^snapshot: folder: expected a path or a URL/);
    expect(call('~/a', KEY)).toThrow(/^snapshot: folder: expected a path on this machine/);
    expect(call('s3://', KEY)).toThrow(/^snapshot: folder: expected the name of a bucket/);
    expect(call('s3://a/b', KEY)).toThrow(/^snapshot: store: s3:\/\/ needs a store that writes it/);
    expect(call('https://a/b', { ...KEY, store: httpStore() })).toThrow(/^snapshot: store: this store cannot write/);
    expect(call('a', undefined)).toThrow(/^snapshot: expected options such as { key: 'v1' }/);
    expect(call('a', {})).toThrow(/^snapshot: key: expected a value that identifies the items/);
    expect(call('a', { key: [Symbol('x')] })).toThrow(
      /^snapshot: key: \[0\]: found Symbol\(x\), which cannot be stored/,
    );
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(call('a', { key: cyclic })).toThrow(ConfigError);
    expect(call('a', { ...KEY, file: 'a' })).toThrow(/^snapshot: .*file/);
  });

  it.each([
    ['a key that cannot be compared', { f: () => 1 }, /^snapshot: key: f: found the function/],
    ['no key', undefined, /^snapshot: key: expected a value that identifies the items, .* found nothing$/],
  ])('fails with a ConfigError if a function returns %s', async (_what, key, message) => {
    const error = await failure(of(1).pipe(snapshot(newFolder(), { key: () => key })));
    expect(error).toMatchObject({ code: 'ERR_CONFIG', path: 'key', message: expect.stringMatching(message) });
  });
});

describe('cache with a file', () => {
  it('stores its items in the folder for later operators', async () => {
    const file = join(newFolder(), 'cache');
    const { source$, count } = epochs();
    expect(await all(source$.pipe(cache({ file }), repeat(2)))).toEqual([10, 11, 12, 10, 11, 12]);
    expect(await all(source$.pipe(cache({ file })))).toEqual([10, 11, 12]);
    expect(count()).toBe(1);
    rmSync(file, { recursive: true });
    expect(await all(source$.pipe(cache({ file })))).toEqual([20, 21, 22]);
  });

  it('names itself in errors', async () => {
    const error = await failure(of(Symbol('s')).pipe(cache({ file: newFolder() })));
    expect(error).toMatchObject({ message: expect.stringMatching(/^cache: found Symbol\(s\)/) });
  });

  it('refuses maxBytes and URLs', () => {
    expect(() => cache({ file: 'a', maxBytes: 1 })).toThrow(/^cache: maxBytes: expected either maxBytes or file/);
    expect(() => cache({ file: 's3://a/b' })).toThrow(/^cache: file: expected a path on this machine.*: snapshot\(\)/);
  });
});

const small = temporaryFolder();
const isMounted = mountSmall(small);

function mountSmall(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { stdio: 'pipe' });
    return true;
  } catch (error) {
    process.stderr.write(`test/operators/snapshot.test.ts: no full disk: ${(error as Error).message.split('\n')[0]}\n`);
    return false;
  }
}

afterAll(() => rmSync(small, { recursive: true }));

(isMounted ? describe : describe.skip)('snapshot on a disk that becomes full', () => {
  it('fails with an error that names the file, and leaves nothing', async () => {
    try {
      const items = Array.from({ length: 50 }, () => new Uint8Array(10_000));
      const error = await failure(fromIterable(items).pipe(snapshot(small, KEY)));
      expect(error).toMatchObject({ code: 'ERR_CHANNEL_IO', errno: 'ENOSPC' });
      expect((error as Error).message).toMatch(/^Cannot write the file .*\.snapshot-\w+: ENOSPC: .* The disk is full/);
      expect(filesBelow(small)).toEqual([]);
      execFileSync('mount', ['-o', 'remount,size=2m', small]);
      const kept = fromIterable(items).pipe(snapshot(small, KEY));
      expect([(await all(kept)).length, (await all(kept)).length]).toEqual([50, 50]);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
