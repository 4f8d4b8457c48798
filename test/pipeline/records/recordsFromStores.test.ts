import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lastValueFrom, NEVER, take } from 'rxjs';
import { report } from '../../../operators/report.js';
import { resumable } from '../../../operators/resumable.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { fileStore } from '../../../src/stores/fileStore.js';
import { httpStore } from '../../../src/stores/httpStore.js';
import type { Store } from '../../../src/stores/store.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { RangeServer } from '../../stores/support/rangeServer.js';
import { textsOf, tfRecords, writeFiles } from '../recordFiles.js';
import { FolderStore } from './support/folderStore.js';

const newFolder = temporaryFolders();

function storeOf(files: Readonly<Record<string, Uint8Array | string>>, prefix?: string): FolderStore {
  const folder = newFolder();
  writeFiles(folder, files);
  return new FolderStore(folder, prefix);
}

const TFRECORD = { recordFormat: 'TFRecord' } as const;
const TRAIN = { 'train/b.tf': tfRecords('2', '3'), 'train/a.tf': tfRecords('0', '1'), 'test/c.tf': tfRecords('x') };

describe('recordsFromFiles with stores', () => {
  it('reads prefixes, keys and patterns beside paths, in the order of the array', async () => {
    const store = storeOf(TRAIN);
    const folder = newFolder();
    writeFiles(folder, { 'local.tf': tfRecords('here') });
    const patterns = ['disk://data/test/*', join(folder, 'local.tf'), 'disk://data/train/', 'DISK://data/test/c.tf'];
    expect(await textsOf(recordsFromFiles(patterns, { ...TFRECORD, store }))).toEqual([
      'x',
      'here',
      '0',
      '1',
      '2',
      '3',
      'x',
    ]);
  });

  it('has the order of files, with a seed and several open objects too', async () => {
    const store = storeOf(TRAIN);
    const folder = newFolder();
    writeFiles(folder, TRAIN);
    for (const options of [{}, { shuffleSeed: 7 }, { cycleLength: 2 }, { shuffleSeed: 3, cycleLength: 3 }]) {
      const local = await textsOf(recordsFromFiles(join(folder, '**'), { ...TFRECORD, ...options }));
      const stored = recordsFromFiles('disk://data/**', { ...TFRECORD, ...options, store });
      expect(await textsOf(stored)).toEqual(local);
    }
  });

  it('reads from the store with the longest matching prefix', async () => {
    const all = storeOf({ 'a/x': 'all', 'b/x': 'all' });
    const ofB = storeOf({ x: 'of b' }, 'disk://data/b/');
    const patterns = ['disk://data/a/x', 'disk://data/b/x'];
    const lines$ = recordsFromFiles(patterns, { recordFormat: 'TextLine', store: [all, ofB] });
    expect(await textsOf(lines$)).toEqual(['all', 'of b']);
  });

  it('refuses a URL without a store, with the code to write', () => {
    const read =
      (url: string, store: Store | Store[] = []) =>
      () =>
        recordsFromFiles(url, { ...TFRECORD, store });
    expect(read('s3://b/k')).toThrow(
      /^recordsFromFiles: patterns: "s3:\/\/b\/k" needs a store, .*: pass store: s3Store\(new S3Client\(\{\}\)\)/,
    );
    expect(read('s3://b/k', fileStore())).toThrow(/needs a store/);
    expect(read('s3://b/k', [{ ...httpStore(), schemes: ['s3://other/'] }])).toThrow(/needs a store/);
    expect(read('gs://b/k')).toThrow(/copy the file to this machine first/);
    expect(read('file:///a')).toThrow(/fileURLToPath/);
    expect(read('a', {} as Store)).toThrow(/store: expected a store/);
  });

  it.each([
    [
      'http://a b/',
      /^recordsFromFiles: patterns: expected a URL such as https:\/\/host\/path, found "http:\/\/a b\/"$/,
    ],
    ['https://', /patterns: expected a URL/],
    ['https://user:secret@host:99999/x?token=y', /expected a URL .*, found "https:\/\/host:99999\/x\?…"$/],
    ['https:/user:secret@host/x', /found "https:\/host\/x": write https:\/\/ for a URL/],
    ['s3://', /patterns: expected the name of a bucket after s3:\/\/, found "s3:\/\/"$/],
    ['S3:///key', /patterns: expected the name of a bucket after s3:\/\//],
  ])('refuses %s at the call', (url, message) => {
    const store = { ...httpStore(), schemes: ['http://', 'https://', 's3://'] };
    const read = () => recordsFromFiles(['data', url], { ...TFRECORD, store });
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_CONFIG', path: 'patterns' }));
    expect(read).toThrow(message);
  });

  it('refuses a wildcard in the bucket', () => {
    const store = storeOf({}, 'disk://');
    expect(() => recordsFromFiles('disk://da*/x', { ...TFRECORD, store })).toThrow(
      /no wildcard in the name of the bucket/,
    );
  });

  it('notifies ERR_CHANNEL_EMPTY if nothing matches, and names the URL', async () => {
    const store = storeOf(TRAIN);
    for (const url of ['disk://data/none/*', 'disk://data/none', 'disk://data/none/']) {
      const records$ = recordsFromFiles(url, { ...TFRECORD, store });
      await expect(textsOf(records$)).rejects.toMatchObject({ code: 'ERR_CHANNEL_EMPTY', path: url });
    }
  });

  it('names the object whose bytes do not have the format', async () => {
    const store = storeOf({ 'a.tf': tfRecords('0'), 'b.tf': tfRecords('1').subarray(0, -1) });
    const records$ = recordsFromFiles('disk://data/*.tf', { ...TFRECORD, store });
    await expect(textsOf(records$)).rejects.toThrow(/the file disk:\/\/data\/b\.tf is truncated/);
  });

  it('shows the bucket as a stage of a report', async () => {
    const watched = report();
    await lastValueFrom(recordsFromFiles('disk://data/train', { ...TFRECORD, store: storeOf(TRAIN) }).pipe(watched));
    const names = watched.read().stages.map(({ name }) => name);
    expect(names).toEqual(['list of files', 'disk://data', 'decodeTFRecord']);
  });

  it('lists again for each epoch, and reads on demand', async () => {
    const store = storeOf(TRAIN);
    const records$ = recordsFromFiles('disk://data/train/', { ...TFRECORD, store, concurrency: 1 });
    await textsOf(records$.pipe(take(1)));
    expect(store.ranges).toEqual(['train/a.tf 0-34']);
    await textsOf(records$);
    expect(store.listed).toHaveLength(4);
  });

  it('looks up at most 16 URLs at the same time', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `${index + 10}.tf`);
    const files = storeOf(Object.fromEntries(keys.map((key) => [key, tfRecords(key)])));
    let pending = 0;
    let most = 0;
    const store: Store = {
      schemes: files.schemes,
      read: files.read,
      async *list(prefix, options) {
        most = Math.max(most, ++pending);
        try {
          yield* files.list(prefix, options);
        } finally {
          pending--;
        }
      },
    };
    const urls = keys.map((key) => `disk://data/${key}`);
    expect(await textsOf(recordsFromFiles(urls, { ...TFRECORD, store }))).toEqual(keys);
    expect(most).toBe(16);
  });

  it('ends with the reason of the signal, and ends the listing', async () => {
    const controller = new AbortController();
    let listing: AbortSignal | undefined;
    const store: Store = {
      read: () => Promise.reject(new Error('nothing is listed')),
      schemes: ['disk://'],
      list: (_prefix, options) => {
        listing = options?.signal;
        controller.abort(new Error('enough'));
        return { [Symbol.asyncIterator]: () => ({ next: () => lastValueFrom(NEVER) }) };
      },
    };
    const records$ = recordsFromFiles('disk://data/train/', { ...TFRECORD, store, signal: controller.signal });
    await expect(textsOf(records$)).rejects.toThrow('enough');
    expect(listing?.aborted).toBe(true);
  });

  it('resumes only with the same versions of the objects', async () => {
    const folder = newFolder();
    writeFiles(folder, TRAIN);
    const read = (resume: ReturnType<typeof resumable<Uint8Array>>) =>
      recordsFromFiles('disk://data/train/', { ...TFRECORD, store: new FolderStore(folder) }).pipe(resume);
    const first = resumable<Uint8Array>();
    expect(await textsOf(read(first).pipe(take(3)))).toEqual(['0', '1', '2']);
    const cursor = first.cursor();
    expect(await textsOf(read(resumable({ cursor })))).toEqual(['3']);
    const path = join(folder, 'train/a.tf');
    writeFiles(folder, { 'train/a.tf': readFileSync(path) });
    await expect(textsOf(read(resumable({ cursor })))).rejects.toThrow(
      /the cursor does not match the pipeline: inputs\.disk:\/\/data\/train\/\.namesAndSizes: the list of files, their sizes or their versions have changed since the cursor was saved\./,
    );
  });
});

describe('recordsFromFiles with URLs', () => {
  let server: RangeServer;
  beforeEach(async () => {
    server = await RangeServer.start();
  });
  afterEach(() => server.stop());

  it('reads http:// by itself, and takes * and ? literally', async () => {
    const url = server.serve('/data/*.txt?part=[1]', { bytes: Buffer.from('one\ntwo'), etag: '"1"' });
    expect(await textsOf(recordsFromFiles(url, { recordFormat: 'TextLine' }))).toEqual(['one', 'two']);
  });

  it('names a URL in errors and cursors without its user and query', async () => {
    const url = server.serve('/a.tf?token=secret', { bytes: Buffer.from('no record of any kind'), etag: '"1"' });
    const resume = resumable<Uint8Array>();
    const records$ = recordsFromFiles(url, TFRECORD).pipe(resume);
    await expect(textsOf(records$)).rejects.toThrow(/the file http:\/\/127\.0\.0\.1:\d+\/a\.tf\?… is damaged/);
    expect(JSON.stringify(resume.cursor())).not.toContain('secret');
  });

  it('notifies the error of the server', async () => {
    const url = server.serve('/a', { bytes: Buffer.from('') }).replace(/a$/, 'b');
    const lines$ = recordsFromFiles(url, { recordFormat: 'TextLine' });
    await expect(textsOf(lines$)).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', status: 404 });
  });

  it('is refused in a declaration unless a store is given', async () => {
    const url = server.serve('/a', { bytes: Buffer.from('one') });
    const spec = { channels: { train: { files: url, recordFormat: 'TextLine' } } } as const;
    expect(() => definePipeline(spec)).toThrow(
      /^pipeline: channels\.train: recordsFromFiles: files: .* pass store: httpStore\(\), or add "--store http" to millrace run$/,
    );
    const lines$ = definePipeline(spec, { store: httpStore() });
    expect(await textsOf(lines$)).toEqual(['one']);
    expect(() => definePipeline({ ...spec, worker: true }, { store: httpStore() })).toThrow(
      /a store cannot be sent to a worker/,
    );
    expect(() => definePipeline(spec, { store: {} as Store })).toThrow(/definePipeline: store: expected a store/);
  });
});
