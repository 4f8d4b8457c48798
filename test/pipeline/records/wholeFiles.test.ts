import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstValueFrom, map, of, take, toArray, type Observable } from 'rxjs';
import { decodeWholeFile } from '../../../operators/decodeWholeFile.js';
import { decompress } from '../../../operators/decompress.js';
import { report } from '../../../operators/report.js';
import { resumable } from '../../../operators/resumable.js';
import type { WholeFile } from '../../../src/formats/wholeFile/wholeFileFormat.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import { pipeModeDataset } from '../../../src/pipeline/records/pipeModeDataset.js';
import { readAhead } from '../../../src/pipeline/records/readAhead.js';
import type { RecordFile } from '../../../src/pipeline/records/recordFile.js';
import { records } from '../../../src/pipeline/records/records.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { fromFile } from '../../../src/sources/fromFile.js';
import { consumeByHand } from '../../../src/testing/consumeByHand.js';
import { fixtureJson } from '../../formats/support/fixtures.js';
import { all, cursorAfter } from '../../operators/resuming.js';
import { until } from '../../support/fifoWriter.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { TrainingTree } from '../../support/trainingTree.js';
import { writeFiles } from '../recordFiles.js';
import { FolderStore } from './support/folderStore.js';
import { HeldStore } from './support/heldStore.js';

const newFolder = temporaryFolders();
const WHOLE = { recordFormat: 'WholeFile' } as const;

function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = newFolder();
  writeFiles(folder, files);
  return folder;
}

const plain = (files$: Observable<WholeFile>): Promise<(readonly [string, string])[]> =>
  all(files$.pipe(map(({ bytes, path }) => [path.split('/').at(-1) ?? '', Buffer.from(bytes).toString()] as const)));

describe('recordFormat WholeFile', () => {
  it("reads the files in the order and with the bytes of TensorFlow's list_files and read_file", async () => {
    const golden = fixtureJson('wholefile/cases.json') as { readonly records: readonly { readonly path: string }[] };
    const files = await all(recordsFromFiles('test/fixtures/textline/*.txt', WHOLE));
    const found = files.map(({ bytes, path }) => ({
      path: path.replace('test/fixtures', '..'),
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }));
    expect(found).toEqual(golden.records);
  });

  it('joins the chunks of a file, from a disk or a store, compressed or not', async () => {
    const content = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 400 }),
        fc.boolean(),
        async (contents, rangeBytes, isGzip) => {
          const names = contents.map((_, index) => `${index}.${isGzip ? 'gz' : 'bin'}`);
          const stored = contents.map((bytes) => (isGzip ? gzipSync(bytes) : bytes));
          const folder = folderOf(Object.fromEntries(names.map((name, index) => [name, stored[index]!])));
          const compression = isGzip ? 'gzip' : 'none';
          const options = { ...WHOLE, rangeBytes, compression, store: new FolderStore(folder) } as const;
          for (const place of [folder, 'disk://data/']) {
            const files = await all(recordsFromFiles(place, options));
            expect(files).toEqual(
              contents.map((bytes, index) => ({ bytes, path: `${place.replace(/\/$/, '')}/${names[index]}` })),
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('emits a record for each empty file too', async () => {
    const folder = folderOf({ a: '', b: 'b', c: '', d: '' });
    const expected = [['a', ''], ['b', 'b'], ['c', ''], ['d', '']]; // oxfmt-ignore
    expect(await plain(recordsFromFiles(folder, WHOLE))).toEqual(expected);
    expect(await plain(recordsFromFiles(folder, { ...WHOLE, cycleLength: 3 }))).toEqual(expected);
    const store = new FolderStore(folder);
    expect(await plain(recordsFromFiles('disk://data/', { ...WHOLE, store }))).toEqual(expected);
  });

  it('finds the compression of each file by its content', async () => {
    const folder = folderOf({ 'a.txt': 'plain', 'b.txt.gz': gzipSync('zipped'), c: gzipSync('unnamed'), d: 'x^2' });
    expect((await plain(recordsFromFiles(folder, WHOLE))).map(([, text]) => text)).toEqual([
      'plain',
      'zipped',
      'unnamed',
      'x^2',
    ]);
  });

  it('shuffles the files of each epoch', async () => {
    const folder = folderOf(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [String(index), ''])));
    const files$ = recordsFromFiles(folder, { ...WHOLE, shuffleSeed: 7 });
    const epochs = [await plain(files$), await plain(files$)].map((files) => files.map(([name]) => name));
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[0]?.toSorted()).toEqual(epochs[1]?.toSorted());
    expect(await plain(recordsFromFiles(folder, { ...WHOLE, shuffleSeed: 7 }))).toEqual(
      epochs[0]?.map((name) => [name, '']),
    );
  });

  it('reads the next objects ahead, and emits them in order', async () => {
    const store = new HeldStore(folderOf({ a: 'a1', b: 'b1', c: 'c1', d: 'd1' }));
    const files$ = recordsFromFiles('disk://data/*', { ...WHOLE, compression: 'none', store, concurrency: 3 });
    const { items } = consumeByHand(files$, { isOpen: true });
    await until(() => store.waiting.length === 3);
    store.release('b 0-2');
    store.release('a 0-2');
    await until(() => items.length === 2);
    expect(items.map(({ path }) => path)).toEqual(['disk://data/a', 'disk://data/b']);
  });

  it('measures the next local files ahead, and notices a change before they are read', async () => {
    const folder = folderOf({ a: 'a', b: 'b', c: 'c' });
    const { items, gate, ending } = consumeByHand(recordsFromFiles(folder, { ...WHOLE, concurrency: 1 }), {
      isOpen: true,
      onItem: (_item, byHand) => byHand.close(),
    });
    await until(() => items.length === 1);
    // The window requests `b` at the end of `a`.
    writeFileSync(join(folder, 'c'), 'longer');
    gate.open();
    await until(() => items.length === 2);
    gate.open();
    await until(() => ending() !== undefined);
    expect(ending()).toMatchObject({ code: 'ERR_CHANNEL_CHANGED', path: join(folder, 'c') });
  });

  it('notifies a missing file when it is its turn', async () => {
    const folder = folderOf({ a: 'a', b: 'b', c: 'c' });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, name));
    const files$ = recordsFromFiles([a!, b!, c!], { ...WHOLE, concurrency: 1 });
    const paths: string[] = [];
    const read = files$.forEach(({ path }) => {
      paths.push(path);
      rmSync(c!, { force: true });
    });
    await expect(read).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', errno: 'ENOENT', path: c });
    expect(paths).toEqual([a, b]);
  });

  it('refuses a file over the limit, and names it', async () => {
    const folder = folderOf({ a: '12345', b: '123456' });
    const recordFormat = decodeWholeFile({ maxRecordBytes: 5 });
    await expect(all(recordsFromFiles(folder, { recordFormat }))).rejects.toMatchObject({
      code: 'ERR_FORMAT_TOO_LARGE',
      path: join(folder, 'b'),
      message: `WholeFile: the file ${join(folder, 'b')} contains a record that is too large: it exceeds the limit of 5 bytes: if such records are valid, increase maxRecordBytes (record 0, byte offset 5)`,
    });
    expect(await all(recordsFromFiles(join(folder, 'a'), { recordFormat }))).toHaveLength(1);
    expect(() => recordsFromFiles(folder, { ...WHOLE, maxRecordBytes: 5 } as never)).toThrow(
      'as in recordFormat: decodeWholeFile({ maxRecordBytes: 5 })',
    );
  });

  it('resumes at the next file', async () => {
    const folder = folderOf(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, name])));
    for (const isStored of [false, true]) {
      const store = new FolderStore(folder);
      const files$ = recordsFromFiles(isStored ? 'disk://data/' : folder, { ...WHOLE, store, shuffleSeed: 3 });
      const whole = (await plain(files$.pipe(resumable()))).map(([name]) => name);
      const cursor = await cursorAfter(4, files$, { recordsPerItem: 1 });
      store.ranges.length = 0;
      const rest$ = files$.pipe(resumable({ cursor, recordsPerItem: 1 }));
      expect((await plain(rest$)).map(([name]) => name)).toEqual(whole.slice(4));
      // A cursor knows the start of the last file, and not yet that of the next file.
      expect(store.ranges).toEqual(isStored ? whole.slice(3).map((name) => `${name} 0-1`) : []);
    }
  });

  it('resumes among more files than are measured at once', async () => {
    const names = Array.from({ length: 600 }, (_, index) => String(index + 1000));
    const files$ = recordsFromFiles(folderOf(Object.fromEntries(names.map((name) => [name, name]))), WHOLE);
    for (const items of [255, 256, 530]) {
      const cursor = await cursorAfter(items, files$, { recordsPerItem: 1 });
      expect(cursor).toMatchObject({ inputs: { [Object.keys(cursor.inputs)[0]!]: { start: { file: items - 1 } } } });
      const rest$ = files$.pipe(resumable({ cursor, recordsPerItem: 1 }));
      expect((await plain(rest$)).map(([name]) => name)).toEqual(names.slice(items));
    }
  });

  it('shows its stages in a report', async () => {
    const watched = report();
    await all(recordsFromFiles(folderOf({ a: 'a' }), WHOLE).pipe(watched));
    expect(watched.read().stages.map(({ name }) => name)).toEqual([
      'list of files',
      'sizes of files',
      'files',
      'decodeWholeFile',
    ]);
  });

  it('reads a channel in File mode, and refuses Pipe mode', async () => {
    const job = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'File' } });
    writeFiles(job.baseDir, { 'input/data/train/a.txt': 'text' });
    const { baseDir } = job;
    expect(await plain(records('train', { ...WHOLE, baseDir }))).toEqual([['a.txt', 'text']]);
    const declared$ = definePipeline({ channels: { train: WHOLE } }, { baseDir });
    expect(await plain(declared$)).toEqual([['a.txt', 'text']]);
    const piped = new TrainingTree(newFolder()).baseDir;
    const refusal = {
      code: 'ERR_CHANNEL_MODE',
      message: expect.stringContaining('each record is one file') as unknown,
    };
    await expect(all(records('train', { ...WHOLE, baseDir: piped }))).rejects.toMatchObject(refusal);
    expect(() => pipeModeDataset({ ...WHOLE, channel: 'train', baseDir: piped })).toThrow(
      expect.objectContaining(refusal),
    );
  });
});

describe('decodeWholeFile', () => {
  it('finds the path of a file in a pipe', async () => {
    const path = join(folderOf({ a: 'x'.repeat(3000) }), 'a');
    const [file] = await all(fromFile(path, { chunkBytes: 1000 }).pipe(decodeWholeFile()));
    expect(file).toEqual({ bytes: new Uint8Array(Buffer.alloc(3000, 'x')), path });
  });

  it('works after other operators of a record format', async () => {
    const folder = folderOf({ a: gzipSync(gzipSync('twice')) });
    const recordFormat = (bytes$: Observable<Uint8Array>) =>
      bytes$.pipe(decompress('gzip'), decompress('gzip'), decodeWholeFile());
    expect(await plain(recordsFromFiles(folder, { recordFormat }))).toEqual([['a', 'twice']]);
  });

  it('notifies a ConfigError if the bytes come from no file', async () => {
    await expect(all(of(Uint8Array.of(1)).pipe(decodeWholeFile()))).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: 'decodeWholeFile: the path of these bytes is unknown: use recordsFromFiles',
    });
  });
});

describe('readAhead', () => {
  const blocksOf = (files: readonly RecordFile[]) =>
    firstValueFrom(readAhead(files, (block, offset) => of({ block, offset })).pipe(toArray()));

  it('measures local files in blocks of 256', async () => {
    const folder = folderOf({ a: 'abc' });
    const files = Array.from({ length: 600 }, () => ({ path: join(folder, 'a') }));
    const blocks = await blocksOf(files);
    expect(blocks.map(({ block, offset }) => [offset, block.length])).toEqual([[0, 256], [256, 256], [512, 88]]); // oxfmt-ignore
    expect(blocks[2]?.block[87]).toMatchObject({ ...files[0], stored: { object: { byteLength: 3, hasRanges: true } } });
  });

  it('measures a block only when the block before has been read', async () => {
    const files = Array.from({ length: 300 }, (_, index) => ({ path: `missing/${index}` }));
    expect(await firstValueFrom(readAhead(files, (block) => of(block.length)).pipe(take(1)))).toBe(256);
    expect((await blocksOf(files))[1]?.block).toEqual(files.slice(256));
  });

  it('leaves folders and objects of stores as they are, and reads objects in one block', async () => {
    const folder = newFolder();
    expect((await blocksOf([{ path: folder }]))[0]?.block).toEqual([{ path: folder }]);
    const object = { url: 'x', byteLength: 1, version: undefined, hasRanges: true };
    const stored = Array.from({ length: 300 }, () => ({
      path: 'x',
      stored: { store: new FolderStore(folder), object },
    }));
    expect(await blocksOf(stored)).toEqual([{ block: stored, offset: 0 }]);
    expect(await blocksOf([])).toEqual([]);
  });
});
