import { closeSync, existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { channel, httpStore, toAsyncIterable, type Store } from 'millrace';
import { startLocalAgent, type LocalAgent, type LocalAgentOptions, type TrainingJobRequest } from 'millrace/agent';
import { repeat } from 'rxjs';
import { channelBytes } from '../../src/agent/data/channelBytes.js';
import { settle } from '../support/openHandles.js';
import { until } from '../support/fifoWriter.js';
import { patternBytes, rangeServers } from '../stores/support/rangeServer.js';
import { folderStore, memoryStore } from './folderStore.js';
import { fifo, openReader, servedLog, streamReader, temporaryAgents } from './temporaryAgents.js';
import {
  augmentedChannel,
  cat,
  channelOf,
  manifestChannel,
  openFilesBelow,
  sharded,
  temporaryFolders,
} from './temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();
const newServer = rangeServers();

type Channel = TrainingJobRequest['InputDataConfig'][number];

const jobOf = (...channels: Channel[]): TrainingJobRequest => ({ InputDataConfig: channels });

/** Reads epochs of every host. */
async function epochsOf(job: TrainingJobRequest, options: LocalAgentOptions, epochs: number): Promise<Buffer[]> {
  const agent = await start(job, options);
  const contents: Buffer[] = [];
  for (const { baseDir } of agent.hosts) {
    const chunks: Uint8Array[] = [];
    const source$ = channel('train', { baseDir, allowEmpty: true }).pipe(repeat(epochs));
    for await (const chunk of toAsyncIterable(source$)) chunks.push(chunk);
    contents.push(Buffer.concat(chunks));
  }
  await agent.close();
  return contents;
}

const readEpoch = async (job: TrainingJobRequest, options: LocalAgentOptions) =>
  String(await cat(fifo(await start(job, options), 'train_0')));

const filesOf = (agent: LocalAgent, name = 'train') => {
  const data = join(agent.baseDir, 'input/data', name);
  return Object.fromEntries(
    readdirSync(data, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(data.length + 1),
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ]),
  );
};

describe('the store of a local agent', () => {
  const part = fc.constantFrom('a', 'b', 'ä', 'z z', '\u{1F600}', '\uFF5E', '0');
  const plan = fc.record({
    // Files and folders have different first characters, so no file is also a folder.
    files: fc.dictionary(
      fc.tuple(fc.array(part, { maxLength: 2 }), part).map(([folders, leaf]) => [...folders, `f${leaf}`].join('/')),
      fc.nat(200_000).map((byteLength) => patternBytes(byteLength)),
      { minKeys: 1, maxKeys: 12 },
    ),
    seed: fc.option(fc.nat(1000), { nil: undefined }),
    isSharded: fc.boolean(),
    isGzip: fc.boolean(),
    RecordWrapperType: fc.constantFrom('None' as const, 'RecordIO' as const),
    hosts: fc.constantFrom(1, 2),
  });

  it('serves the same epochs as a folder with the same files, for any tree, order, shard and wrapping', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ files, seed, isSharded, isGzip, RecordWrapperType, hosts }) => {
        const contents = Object.entries(files).map(
          ([key, bytes]) => [`b/train/${key}`, isGzip ? gzipSync(bytes) : bytes] as const,
        );
        const root = folder(Object.fromEntries(contents));
        const plain = channelOf('train', 's3://b/train', {
          RecordWrapperType,
          CompressionType: isGzip ? 'Gzip' : 'None',
          ...(seed !== undefined && { ShuffleConfig: { Seed: seed } }),
        });
        const job = jobOf(isSharded ? sharded(plain) : plain);
        const [fromFolder, fromStore] = [
          await epochsOf(job, { hosts, s3Root: root }, 2),
          await epochsOf(job, { hosts, store: folderStore(root) }, 2),
        ];
        expect(fromStore.map((bytes) => bytes.toString('latin1'))).toEqual(
          fromFolder.map((bytes) => bytes.toString('latin1')),
        );
      }),
      { numRuns: 8 },
    );
  });

  it('is asked for few ranges ahead while the reader of the FIFO is slow', async () => {
    const files = Array.from({ length: 60 }, (_, index) => [`b/train/${index}`, patternBytes(100_000)] as const);
    const store = folderStore(folder(Object.fromEntries(files)));
    const agent = await start(jobOf(channelOf('train', 's3://b/train/')), { store });
    expect(store.reads).toEqual([]);
    const fd = openReader(fifo(agent, 'train_0'));
    await until(() => store.reads.length > 0);
    await settle();
    expect(store.reads).toHaveLength(16);
    closeSync(fd);
  });

  it('is asked for at most 32 MiB ahead', async () => {
    const root = folder({ 'b/large': '' });
    truncateSync(join(root, 'b/large'), 100 * 2 ** 20);
    const store = folderStore(root);
    for await (const object of store.list('s3://b/large')) {
      const byteLength = 100 * 2 ** 20;
      const part = { key: 'large', path: object.url, byteLength, stored: { store, object: { ...object, byteLength } } };
      const chunks = channelBytes([[part]], { CompressionType: 'None', RecordWrapperType: 'None' });
      const { value: chunk } = await chunks.next();
      expect(chunk).toHaveLength(2 ** 20);
      expect(store.reads).toHaveLength(8);
      await chunks.return();
    }
  });

  it('has no request and no connection left when the agent is closed within an epoch', async () => {
    const server = await newServer();
    const url = server.serve('/b/x', { bytes: patternBytes(1000), etag: '"1"' });
    // The server never answers.
    server.answer = () => true;
    const http = httpStore();
    const atServer = (object: { readonly url: string }) => ({
      ...object,
      url: url.replace('/b/x', object.url.slice(4)),
    });
    const store: Store = {
      ...memoryStore({ 's3://b/x': 'x'.repeat(1000) }),
      read: (object, first, end, options) =>
        http.read({ ...object, ...atServer(object), version: '"1"' }, first, end, options),
    };
    const { onEpoch, epochs } = servedLog();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const errors: Error[] = [];
    const onError = (error: Error) => errors.push(error);
    const agent = await startLocalAgent(jobOf(channelOf('train', 's3://b/x')), { store, onEpoch, onError });
    const fd = openReader(fifo(agent, 'train_0'));
    await until(() => server.requests.length === 1);
    await agent.close();
    closeSync(fd);
    await server.untilConnections(0);
    expect([errors, existsSync(agent.baseDir)]).toEqual([[], false]);
    expect(epochs).toMatchObject([{ bytes: 0, complete: false }]);
    expect(timers()).toBe(before);
  });

  it('ends the job with an error if an object changes', async () => {
    const root = folder({ 'b/x': 'first' });
    const events = new EventEmitter();
    const failure = once(events, 'failure').then(([error]) => error as Error);
    const onError = (error: Error) => events.emit('failure', error);
    const agent = await startLocalAgent(jobOf(channelOf('train', 's3://b/x')), { store: folderStore(root), onError });
    writeFileSync(join(root, 'b/x'), 'second');
    const reader = streamReader(fifo(agent, 'train_0')).resume();
    expect((await failure).message).toContain(
      'Cannot serve train_0: MillraceError: s3://b/x has changed since the job started, so its epochs would differ: start the job again',
    );
    expect(reader.readableEnded).toBe(false);
    await expect(agent.close()).rejects.toBe(await failure);
    expect(openFilesBelow(root)).toEqual([]);
  });

  it('plays the faults of a job', async () => {
    const store = folderStore(folder({ 'b/x': '0123456789' }));
    const job = {
      ...jobOf(channelOf('train', 's3://b/x')),
      faults: [{ kind: 'cut', channel: 'train', afterBytes: 4 }] as const,
    };
    expect(await readEpoch(job, { store })).toBe('0123');
  });

  it.each(['s3://', 's3:///x'])('needs the name of a bucket: %s', async (S3Uri) => {
    await expect(start(jobOf(channelOf('train', S3Uri)), { store: memoryStore({}) })).rejects.toMatchObject({
      message: expect.stringContaining(`channel "train": expected the name of a bucket after s3://, found "${S3Uri}"`),
      path: 'InputDataConfig[0].DataSource.S3DataSource.S3Uri',
    });
  });

  it('must be for s3:// URIs', async () => {
    const starting = start(jobOf(channelOf('train', 's3://b/x')), { store: httpStore() });
    await expect(starting).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'store' });
    await expect(starting).rejects.toThrow(/store: expected a store for s3:\/\/ URIs, such as s3Store\(client\)/);
    await expect(start(jobOf(channelOf('train', 's3://b/x')), { store: {} as Store })).rejects.toThrow(
      /expected a store/,
    );
  });

  it('may be one of several, each for its buckets', async () => {
    const stores = ['one', 'two'].map((name) => ({
      ...memoryStore({ [`s3://${name}/x`]: name }),
      schemes: [`s3://${name}/`],
    }));
    expect(await readEpoch(jobOf(channelOf('train', 's3://two')), { store: stores })).toBe('two');
    await expect(start(jobOf(channelOf('train', 's3://three')), { store: stores })).rejects.toThrow(
      's3://three is in S3',
    );
  });
});

describe('an S3Prefix in a store', () => {
  const BUCKET = { 'b/train/a': 'A', 'b/train/sub/b': 'B', 'b/train-2/x': 'X', 'b/other': 'O' };

  it.each([
    ['s3://b/train', 'XAB'],
    ['s3://b/train/', 'AB'],
    ['s3://b/tr', 'XAB'],
    ['s3://b/other', 'O'],
    ['s3://b', 'OXAB'],
  ])('%s matches every key that begins so', async (uri, expected) => {
    expect(await readEpoch(jobOf(channelOf('train', uri)), { store: folderStore(folder(BUCKET)) })).toBe(expected);
  });

  it.each([
    ['s3://b/train', ['a', 'sub/b', 'train-2/x']],
    ['s3://b/train/', ['a', 'sub/b']],
    ['s3://b/tr', ['train-2/x', 'train/a', 'train/sub/b']],
    ['s3://b/other', ['other']],
  ])('%s has these files in File mode', async (uri, expected) => {
    const agent = await start(jobOf(channelOf('train', uri, { InputMode: 'File' })), {
      store: folderStore(folder(BUCKET)),
    });
    expect(Object.keys(filesOf(agent)).sort()).toEqual(expected);
  });

  it('is sorted by bytes, whatever the order of the listing', async () => {
    const store = memoryStore({ 's3://b/\u{1F600}': '3', 's3://b/\uFF5E': '2', 's3://b/a': '1' });
    expect(await readEpoch(jobOf(channelOf('train', 's3://b/')), { store })).toBe('123');
  });

  it('leaves out empty objects that stand for folders, and no others', async () => {
    const job = jobOf(channelOf('train', 's3://b/', { RecordWrapperType: 'RecordIO' }));
    const store = memoryStore({ 's3://b/': '', 's3://b/a/': '', 's3://b/a/.hidden': '', 's3://b/c/': 'text' });
    expect(await cat(fifo(await start(job, { store }), 'train_0'))).toHaveLength(8 + 8 + 4);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['no object', { 's3://a/x': '' }, /no object has a key that begins with s3:\/\/b\//],
    ['only folders', { 's3://b/x/': '' }, /no object has a key that begins with s3:\/\/b\//],
  ])('is refused with %s', async (_, contents, message) => {
    const starting = start(jobOf(channelOf('train', 's3://b')), { store: memoryStore(contents) });
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      path: 'InputDataConfig[0].DataSource.S3DataSource.S3Uri',
    });
  });

  it('is refused with the reason if the store cannot list it', async () => {
    const store = folderStore(folder());
    await expect(start(jobOf(channelOf('train', 's3://gone/x')), { store })).rejects.toThrow(
      /^channel "train": Cannot list the folder .*gone\/: ENOENT/,
    );
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'leads out',
      { 's3://b/../x': '1' },
      /s3:\/\/b\/\.\.\/x cannot become a file, because "\.\.\/x" is not a valid path\. Use Pipe mode/,
    ],
    ['has an empty part', { 's3://b/a//x': '1' }, /cannot become a file/],
    ['ends with a slash', { 's3://b/a/': '1' }, /cannot become a file/],
    [
      'is a folder of another',
      { 's3://b/a': '1', 's3://b/a/b': '2' },
      /b\/a would be a file, but s3:\/\/b\/a\/b needs a folder/,
    ],
  ])('is refused in File mode if a key %s, but not in Pipe mode', async (_, contents, message) => {
    const store = memoryStore(contents);
    await expect(start(jobOf(channelOf('train', 's3://b', { InputMode: 'File' })), { store })).rejects.toThrow(message);
    expect(await readEpoch(jobOf(channelOf('train', 's3://b')), { store })).toMatch(/^12?$/);
  });

  it('is refused in File mode if two keys are the same file', async () => {
    const store = memoryStore({ 's3://b/t/t-2': '1', 's3://b/t-2': '2' });
    await expect(start(jobOf(channelOf('train', 's3://b/t', { InputMode: 'FastFile' })), { store })).rejects.toThrow(
      's3://b/t-2 and s3://b/t/t-2 would be the same file t-2',
    );
  });
});

describe('File mode from a store', () => {
  it('downloads each object once for all hosts and channels, in ranges, and reports the progress', async () => {
    const root = folder({ 'b/train/a': 'A', 'b/train/empty': '', 'b/train/large': '' });
    truncateSync(join(root, 'b/train/large'), 2 ** 22 + 1);
    const store = folderStore(root);
    const progress: unknown[] = [];
    const channels = (['File', 'FastFile'] as const).map((InputMode) =>
      channelOf(`train_${InputMode}`, 's3://b/train', { InputMode }),
    );
    const agent = await start(jobOf(...channels), { store, hosts: 2, onDownload: (now) => progress.push(now) });
    expect(store.reads.sort()).toEqual([
      's3://b/train/a 0-1',
      's3://b/train/large 0-4194304',
      's3://b/train/large 4194304-4194305',
    ]);
    for (const host of agent.hosts) {
      for (const name of ['train_File', 'train_FastFile']) {
        const files = filesOf({ ...agent, ...host }, name);
        expect(files).toMatchObject({ a: 'A', empty: '' });
        expect(Buffer.from(files['large']!).equals(Buffer.alloc(2 ** 22 + 1))).toBe(true);
      }
    }
    expect(progress).toHaveLength(3);
    expect(progress.at(-1)).toEqual({ bytes: 2 ** 22 + 2, byteLength: 2 ** 22 + 2 });
  });

  it('leaves no files, requests and connections after a failure or an abort', async () => {
    const stop = new AbortController();
    let begun = 0;
    const store: Store = {
      ...memoryStore({ 's3://b/x': '1', 's3://b/y': '2' }),
      read: (object, _start, _end, options) => {
        begun++;
        if (object.url === 's3://b/x') return Promise.reject(new Error('no luck'));
        return new Promise((_, reject) => {
          const { signal } = options ?? {};
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    };
    const job = jobOf(channelOf('train', 's3://b', { InputMode: 'File' }));
    await expect(start(job, { store })).rejects.toThrow('no luck');
    const slow: Store = { ...store, read: (object, ...range) => store.read({ ...object, url: 's3://b/y' }, ...range) };
    const starting = start(job, { store: slow, signal: stop.signal });
    await until(() => begun === 4);
    stop.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
  });
});

describe('a manifest and a store', () => {
  const BUCKET = {
    'b/images/1.png': 'one',
    'b/images/2.png': 'two',
    'b/pairs.manifest': '[{"prefix": "s3://b/im"}, "ages/2.png", "ages/1.png", "ages/2.png"]',
    'b/lines.manifest':
      '{"image-ref": "s3://b/images/2.png", "label": 3}\n{"image-ref": "s3://b/images/1.png", "label": 4}\n',
    'b/local.manifest': '[{"prefix": "images/"}, "1.png"]',
    'b/file.manifest': '{"a-ref": "file:///proc/version"}',
    'b/gone.manifest': '[{"prefix": "s3://b/images/"}, "1.png", "3.png"]',
  };

  it.each(['s3://b/pairs.manifest', 'pairs.manifest'])('read each other: %s', async (uri) => {
    const root = folder(BUCKET);
    const options = { store: folderStore(root), relativeTo: join(root, 'b') };
    expect(await readEpoch(jobOf(manifestChannel('train', uri)), options)).toBe('twoonetwo');
  });

  it.each(['s3://b/lines.manifest', 'lines.manifest'])('read each other, also if it is augmented: %s', async (uri) => {
    const root = folder(BUCKET);
    const options = { store: folderStore(root), relativeTo: join(root, 'b') };
    const job = jobOf(augmentedChannel('train', uri, ['image-ref', 'label']));
    expect(await readEpoch(job, options)).toMatch(/two.*3.*one.*4/s);
  });

  it.each([
    [
      manifestChannel('train', 's3://b/local.manifest'),
      'expected an s3:// URI, because the manifest is in S3, found images/',
    ],
    [
      augmentedChannel('train', 's3://b/file.manifest', ['a-ref']),
      'because the manifest is in S3, found file:///proc/version',
    ],
    [manifestChannel('train', 's3://b/gone.manifest'), 'entry 2: there is no object s3://b/images/3.png'],
    [manifestChannel('train', 's3://b/none.manifest'), 'the manifest: there is no object s3://b/none.manifest'],
  ])('are refused with a remedy: %#', async (declared, message) => {
    await expect(start(jobOf(declared), { store: folderStore(folder(BUCKET)) })).rejects.toThrow(message);
  });

  it('are looked up by one listing if the objects lie together', async () => {
    const root = folder({ ...Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`b/images/${index}`, ''])) });
    const keys = Array.from({ length: 50 }, (_, index) => String(index));
    writeFileSync(join(root, 'm'), JSON.stringify([{ prefix: 's3://b/images/' }, ...keys]));
    const store = folderStore(root);
    await start(jobOf(manifestChannel('train', join(root, 'm'))), { store });
    expect(store.lists).toEqual(['s3://b/images/']);
  });

  it('are looked up one by one if the objects are few among many', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `b/images/${index}`);
    const root = folder(Object.fromEntries(names.map((name) => [name, name])));
    writeFileSync(join(root, 'm'), JSON.stringify([{ prefix: 's3://b/images/' }, '0', '99']));
    const store = folderStore(root);
    expect(await readEpoch(jobOf(manifestChannel('train', join(root, 'm'))), { store })).toBe('b/images/0b/images/99');
    expect(store.lists).toEqual(['s3://b/images/', 's3://b/images/99']);
  });
});

describe('s3Root', () => {
  it('comes after the longest prefix of the map, and before the store', async () => {
    const root = folder({ 'b/x/1': 'root', 'b/y/1': 'root' });
    const store = folderStore(folder({ 'b/x/1': 'store', 'c/x': 'store' }));
    const options = { store, s3Root: root, map: { 's3://b/y': folder({ 1: 'map' }) } };
    const read = (uri: string) => readEpoch(jobOf(channelOf('train', uri)), options);
    expect([await read('s3://b/x'), await read('s3://b/y'), await read('s3://c/x')]).toEqual(['root', 'map', 'store']);
  });

  it('may hold links to the folders of buckets', async () => {
    const root = folder();
    symlinkSync(folder({ 'm.json': '[{"prefix": "s3://b/"}, "x"]', x: 'linked' }), join(root, 'b'));
    expect(await readEpoch(jobOf(manifestChannel('train', 's3://b/m.json')), { s3Root: root })).toBe('linked');
  });

  it('is refused if it is no folder, or has no such bucket', async () => {
    const root = folder({ 'b/x': '' });
    const starting = (s3Root: string) => start(jobOf(channelOf('train', 's3://c/x')), { s3Root });
    await expect(starting(join(root, 'gone'))).rejects.toThrow(
      /s3Root \(--s3-root\): expected a folder .*gone: .*ENOENT/,
    );
    await expect(starting(root)).rejects.toThrow(`cannot read ${root}/c/x`);
    await expect(start(jobOf(channelOf('train', 's3://../x')), { s3Root: root })).rejects.toThrow(
      'contains the part . or ..',
    );
  });
});
