import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { firstValueFrom, repeat, take, type Observable } from 'rxjs';
import { prefetch } from '../../../operators/prefetch.js';
import { report } from '../../../operators/report.js';
import { resumable } from '../../../operators/resumable.js';
import { shuffle } from '../../../operators/shuffle.js';
import type { NDArray } from '../../../src/arrays/ndarray.js';
import { ChannelError } from '../../../src/base/errors.js';
import { fromParquet, type FromParquetOptions } from '../../../src/pipeline/parquet/fromParquet.js';
import type { Store } from '../../../src/stores/store.js';
import { consumeByHand } from '../../../src/testing/consumeByHand.js';
import { cursorAfter, refusal } from '../../operators/resuming.js';
import { RangeServer } from '../../stores/support/rangeServer.js';
import { until } from '../../support/fifoWriter.js';
import { descriptorsBelow } from '../../support/openHandles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { writeFiles } from '../recordFiles.js';
import { FolderStore } from '../records/support/folderStore.js';
import { HeldStore } from '../records/support/heldStore.js';
import { all, errorOf, goldenFile, numberedRows, parquetBytes } from './support/parquetFiles.js';

const newFolder = temporaryFolders();

function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = newFolder();
  writeFiles(folder, files);
  return folder;
}

/** Three files with the rows 0 to 29, 30 to 59 and 60 to 89, in row groups of 10 rows. */
const THREE = {
  'a.parquet': numberedRows(30, 10),
  'b.parquet': numberedRows(30, 10, 30),
  'c.parquet': numberedRows(30, 10, 60),
};

/** The first row of each table. */
const firstRows = async (tables$: Observable<unknown>): Promise<number[]> => {
  const tables = (await all(tables$)) as { readonly id: NDArray<'int32'> }[];
  return tables.map(({ id }) => id.data[0]!);
};
const rows = (start: number, end: number, step: number): number[] =>
  Array.from({ length: (end - start) / step }, (_, index) => start + index * step);

describe('fromParquet', () => {
  it('reads files, folders and patterns in order, one table for each row group', async () => {
    const folder = folderOf({ ...THREE, 'sub/d.parquet': numberedRows(10, 10, 90), _SUCCESS: new Uint8Array(0) });
    expect(await firstRows(fromParquet(join(folder, 'b.parquet')))).toEqual([30, 40, 50]);
    expect(await firstRows(fromParquet(folder, { exclude: 'sub' }))).toEqual(rows(0, 90, 10));
    expect(await firstRows(fromParquet([join(folder, '**/[cd]*'), join(folder, 'a*')]))).toEqual([
      60, 70, 80, 90, 0, 10, 20,
    ]);
  });

  it('shuffles the files in each epoch, and reads several in turn', async () => {
    const folder = folderOf(THREE);
    const shuffled$ = fromParquet(folder, { shuffleSeed: 2, batchSize: 30 });
    const epochs = [await firstRows(shuffled$), await firstRows(shuffled$), await firstRows(shuffled$)];
    expect(epochs.map((epoch) => epoch.toSorted((a, b) => a - b))).toEqual([
      [0, 30, 60],
      [0, 30, 60],
      [0, 30, 60],
    ]);
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(1);
    const inTurn$ = fromParquet(folder, { cycleLength: 2, blockLength: 2 });
    expect(await firstRows(inTurn$)).toEqual([0, 10, 30, 40, 20, 50, 60, 70, 80]);
  });

  it('joins row groups to tables of batchSize, but not files', async () => {
    const folder = folderOf(THREE);
    const tables = (await all(fromParquet(folder, { batchSize: 16 }))) as { id: NDArray<'int32'> }[];
    expect(tables.map(({ id }) => [id.data[0], id.shape[0]])).toEqual([
      [0, 16],
      [16, 14],
      [30, 16],
      [46, 14],
      [60, 16],
      [76, 14],
    ]);
  });

  it('emits arrays that share no memory with other tables', async () => {
    const tables = (await all(fromParquet(join(folderOf(THREE), 'a.parquet'), { batchSize: 4 }))) as {
      id: NDArray<'int32'>;
    }[];
    expect(new Set(tables.map(({ id }) => id.data.buffer)).size).toBe(tables.length);
    expect(tables.every(({ id }) => id.data.byteLength === id.data.buffer.byteLength)).toBe(true);
  });

  it('is one stage of a report', async () => {
    const watched = report();
    await all(fromParquet(folderOf(THREE)).pipe(watched));
    expect(watched.read().stages.map(({ name }) => name)).toEqual(['list of files', 'fromParquet']);
  });

  it('runs in a worker', () => {
    const folder = folderOf(THREE);
    const entry = (name: string) => JSON.stringify(pathToFileURL(`dist/src/${name}/index.js`.replace('//', '/')).href);
    const files = {
      'pipeline.mjs': `import { fromParquet } from ${entry('pipeline/parquet')};
        export const pipeline = fromParquet(${JSON.stringify(join(folder, '*.parquet'))}, { batchSize: 15 });`,
      'read.mjs': `import { inWorker, toAsyncIterable } from ${entry('')};
        const rows = [];
        for await (const { id } of toAsyncIterable(inWorker(new URL('./pipeline.mjs', import.meta.url)))) rows.push(id.data[0]);
        console.log(rows.join());`,
    };
    writeFiles(folder, files);
    expect(execFileSync('node', [join(folder, 'read.mjs')], { encoding: 'utf8' })).toBe('0,15,30,45,60,75\n');
  });

  it.each<[string, string, string]>([
    ['a missing file', 'absent.parquet', 'ENOENT'],
    ['a folder without files', 'empty/*.parquet', 'There is no file at'],
  ])('fails with a ChannelError for %s', async (_, name, message) => {
    const error = await errorOf(fromParquet(join(newFolder(), name)));
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as Error).message).toContain(message);
  });

  it('fails for a FIFO, which has no end to read first', async () => {
    const path = join(newFolder(), 'fifo');
    execFileSync('mkfifo', [path]);
    expect(await errorOf(fromParquet(path))).toMatchObject({
      message: `Cannot read the file ${path}: Parquet needs a regular file, or a server that supports ranges.`,
    });
  });

  it('fails if each epoch is empty', async () => {
    const folder = folderOf({ 'empty.parquet': goldenFile('empty.parquet') });
    expect(await errorOf(fromParquet(folder, { columns: { list: { kind: 'ragged' } } }).pipe(repeat()))).toMatchObject({
      code: 'ERR_CHANNEL_EMPTY',
      message: expect.stringContaining(`fromParquet("${folder}")`),
    });
  });

  it('fails with the reason of an aborted signal', async () => {
    const controller = new AbortController();
    const tables$ = fromParquet(folderOf(THREE), { signal: controller.signal });
    const { ending } = consumeByHand(tables$, { isOpen: true, onItem: () => controller.abort(new Error('enough')) });
    await until(() => ending() !== undefined);
    expect(ending()).toMatchObject({ message: 'enough' });
  });
});

describe('fromParquet with a store', () => {
  const read = (store: Store, options: FromParquetOptions = {}) => fromParquet('disk://data/', { store, ...options });

  it('reads the footer, and then only the chosen columns', async () => {
    const store = new FolderStore(folderOf({ 'pages.parquet': goldenFile('pages_v1.parquet') }));
    const file = goldenFile('pages_v1.parquet');
    const { row_groups: groups } = parquetMetadata(file.slice());
    await all(read(store, { select: ['few'] }));
    const chunks = groups.map(({ columns }) => {
      const { dictionary_page_offset: start = 0n, total_compressed_size: size } = columns[1]!.meta_data!;
      return `pages.parquet ${start}-${start + size}`;
    });
    expect(store.ranges).toEqual([`pages.parquet ${Math.max(0, file.length - 65536)}-${file.length}`, ...chunks]);
  });

  it('joins near columns to ranges of at most rangeBytes', async () => {
    const store = new FolderStore(folderOf({ 'pages.parquet': goldenFile('pages_v1.parquet') }));
    await all(read(store, { select: ['id', 'few', 'text'] }));
    const joined = store.ranges.splice(0).length;
    await all(read(store, { select: ['id', 'few', 'text'], rangeBytes: 1 }));
    expect([joined, store.ranges.length]).toEqual([1 + 3, 1 + 3 * 3]);
  });

  it('reads a footer that is longer than the first range', async () => {
    const names = Array.from({ length: 900 }, (_, index) => `column with a long name ${index}`);
    const bytes = parquetBytes(names.map((name) => ({ name, data: [1], type: 'INT32' as const })));
    const store = new FolderStore(folderOf({ 'wide.parquet': bytes }));
    const [table] = await all(read(store));
    expect(Object.keys(table!)).toEqual(names);
    expect(store.ranges[1]).toMatch(new RegExp(`-${bytes.length - 64 * 1024}$`));
  });

  it('requests nothing before its consumer does, and then one row group at a time', async () => {
    const store = new FolderStore(folderOf(THREE));
    const { gate, items, subscription } = consumeByHand(read(store), { onItem: (_, own) => own.close() });
    await new Promise(setImmediate);
    expect(store.listed).toEqual([]);
    for (const ranges of [2, 3, 4]) {
      gate.open();
      await until(() => items.length === ranges - 1);
      for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate);
      expect(store.ranges).toHaveLength(ranges);
    }
    subscription.unsubscribe();
  });

  it('ends its requests when it is unsubscribed', async () => {
    const store = new HeldStore(folderOf(THREE));
    const { subscription } = consumeByHand(read(store), { isOpen: true });
    await until(() => store.waiting.length === 1);
    subscription.unsubscribe();
    await until(() => store.waiting.length === 0);
  });

  it('closes its files when it is unsubscribed', async () => {
    const folder = folderOf(THREE);
    await firstValueFrom(fromParquet(folder).pipe(take(1)));
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('reads URLs', async () => {
    const server = await RangeServer.start();
    try {
      const url = server.serve('/b.parquet', { bytes: THREE['b.parquet'], etag: '"1"' });
      expect(await firstRows(fromParquet(url))).toEqual([30, 40, 50]);
    } finally {
      await server.stop();
    }
  });

  it('passes on the errors of the store, and refuses objects without ranges', async () => {
    const boom = new Error('boom');
    const store = new FolderStore(folderOf(THREE));
    expect(await errorOf(read({ schemes: store.schemes, list: store.list, read: () => Promise.reject(boom) }))).toBe(
      boom,
    );
    const list: Store['list'] = async function* (prefix) {
      for await (const object of store.list(prefix)) yield { ...object, hasRanges: false };
    };
    expect(await errorOf(read({ schemes: store.schemes, list, read: store.read }))).toMatchObject({
      code: 'ERR_CHANNEL_IO',
      message:
        'Cannot read the file disk://data/a.parquet: Parquet needs a regular file, or a server that supports ranges.',
    });
    expect(() => fromParquet('s3://bucket/a.parquet')).toThrow(
      'fromParquet: patterns: "s3://bucket/a.parquet" needs a store',
    );
  });

  it('notices an object that changes between two row groups', async () => {
    const folder = folderOf(THREE);
    const tables$ = fromParquet(folder);
    const { gate, items, ending } = consumeByHand(tables$, { isOpen: true, onItem: (_, own) => own.close() });
    await until(() => items.length === 1);
    writeFiles(folder, { 'a.parquet': numberedRows(40, 10) });
    gate.open();
    await until(() => ending() !== undefined);
    expect(ending()).toMatchObject({ code: 'ERR_CHANNEL_CHANGED' });
  });
});

describe('resumable after fromParquet', () => {
  /** 30 rows in row groups of 10 rows and more than 1 MiB, because positions inside a file have this distance. */
  const longRows = (first: number): Uint8Array => {
    const ids = Array.from({ length: 30 }, (_, row) => first + row);
    const texts = ids.map((id) => `${id} `.repeat(50_000));
    return parquetBytes(
      [
        { name: 'text', data: texts, type: 'STRING', encoding: 'PLAIN' },
        { name: 'id', data: ids, type: 'INT32' },
      ],
      { rowGroupSize: 10, codec: 'UNCOMPRESSED' },
    );
  };
  const big = { 'a.parquet': longRows(100), 'b.parquet': longRows(130) };
  const read = (store: Store, options: FromParquetOptions = {}) => fromParquet('disk://data/', { store, ...options });

  it('reads the epoch again without recordsPerItem', async () => {
    const store = new FolderStore(folderOf(THREE));
    const rest = await firstRows(read(store, { shuffleSeed: 3 }));
    const cursor = await cursorAfter(4, read(store, { shuffleSeed: 3 }));
    expect(await firstRows(read(store, { shuffleSeed: 3 }).pipe(resumable({ cursor })))).toEqual(rest.slice(4));
  });

  it.each([undefined, 3, 15])(
    'continues at most one row group before the next table with recordsPerItem, with batchSize %p',
    async (batchSize) => {
      const folder = folderOf(big);
      const expected = await firstRows(read(new FolderStore(folder), { batchSize }));
      for (let items = 1; items < expected.length; items += 2) {
        const store = new FolderStore(folder);
        const cursor = await cursorAfter(items, read(store, { batchSize }), { recordsPerItem: 1 });
        store.ranges.length = 0;
        const resumed$ = read(store, { batchSize }).pipe(resumable({ cursor, recordsPerItem: 1 }));
        expect(await firstRows(resumed$)).toEqual(expected.slice(items));
        const row = expected[items]! - 100;
        const name = row < 30 ? 'a.parquet' : 'b.parquet';
        const groups = store.ranges.filter((range) => range.startsWith(name)).length - 1;
        expect(groups).toBeLessThanOrEqual(3 - Math.floor((row % 30) / 10) + 1);
      }
    },
  );

  it('saves the position of a row group, whose bytes must not change', async () => {
    const folder = folderOf(big);
    const versioned = new FolderStore(folder);
    const store: Store = {
      schemes: versioned.schemes,
      list: async function* (prefix) {
        for await (const object of versioned.list(prefix)) yield { ...object, version: undefined };
      },
      read: versioned.read,
    };
    const cursor = await cursorAfter(2, read(store), { recordsPerItem: 1 });
    const { mark } = cursor.inputs['disk://data/']!.start!;
    expect(mark).toMatchObject({ recordIndex: 10, decoder: { format: 'Parquet' } });
    const changed = big['a.parquet'].slice();
    changed[mark!.byteOffset + 100]! ^= 1;
    writeFiles(folder, { 'a.parquet': changed });
    const error = await refusal(read(store), { cursor, recordsPerItem: 1 });
    expect(error.message).toContain(`crc32 of the 4096 bytes at byte ${mark!.byteOffset}`);
  });

  it('refuses other files or another batchSize', async () => {
    const folder = folderOf(THREE);
    const cursor = await cursorAfter(2, fromParquet(folder, { batchSize: 10 }));
    expect((await refusal(fromParquet(folder, { batchSize: 5 }), { cursor })).message).toContain(
      'batchSize: expected 10 (from the cursor), found 5',
    );
    writeFiles(folder, { 'd.parquet': numberedRows(10, 10) });
    expect((await refusal(fromParquet(folder, { batchSize: 10 }), { cursor })).message).toContain('files: expected 3');
  });

  it('continues a shuffled and prefetched pipeline', async () => {
    const folder = folderOf(THREE);
    const tables$ = () => fromParquet(folder, { batchSize: 5 }).pipe(shuffle(4, { seed: 1 }), prefetch(3));
    const expected = await firstRows(tables$());
    const cursor = await cursorAfter(7, tables$());
    expect(await firstRows(tables$().pipe(resumable({ cursor })))).toEqual(expected.slice(7));
  });
});
