import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { channel, toAsyncIterable } from 'millrace';
import type { LocalHost, TrainingJobRequest } from 'millrace/agent';
import { decodeRecordIO } from 'millrace/operators';
import { repeat } from 'rxjs';
import { temporaryAgents } from './temporaryAgents.js';
import { augmentedChannel, cat, channelOf, manifestChannel, sharded, temporaryFolders } from './temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

type Channel = TrainingJobRequest['InputDataConfig'][number];

const startWith = (channels: Channel[], job: Partial<TrainingJobRequest> = {}) =>
  start({ InputDataConfig: channels, ...job });

const inData = ({ baseDir }: LocalHost, path: string) => join(baseDir, 'input/data', path);

/** Reads epochs of the channel `train` in a separate process. */
async function epochsOf(host: LocalHost, count: number): Promise<string[]> {
  const epochs: string[] = [];
  for (let epoch = 0; epoch < count; epoch++) epochs.push(String(await cat(inData(host, `train_${epoch}`))));
  return epochs;
}

const letters = Array.from('abcdefghij');
const lettersFolder = () => folder(Object.fromEntries(letters.map((letter) => [letter, letter])));
const sorted = (text: string) => Array.from(text).sort().join('');

describe('startHost in Pipe mode', () => {
  it('serves a manifest in its order', async () => {
    const data = folder({ 'a/1': 'one ', 'a/2': 'two ', 'a/3': 'three ', 'm.json': '[{"prefix":"a/"},"3","1","3"]' });
    const agent = await startWith([manifestChannel('train', join(data, 'm.json'))]);
    expect(await epochsOf(agent, 2)).toEqual(['three one three ', 'three one three ']);
  });

  it('serves an augmented manifest as records that a reader can separate, for any bytes', async () => {
    const images = [randomBytes(300_001), Buffer.alloc(0), Buffer.from([0x0a, 0x23, 0xd7, 0xce, 0, 0, 0, 0])];
    const lines = images.map((_, index) => JSON.stringify({ 'image-ref': `${index}.png`, label: index, source: 'x' }));
    const data = folder({
      lines: lines.join('\n'),
      ...Object.fromEntries(images.map((image, index) => [`${index}.png`, image])),
    });
    const { baseDir } = await startWith([augmentedChannel('train', join(data, 'lines'), ['label', 'image-ref'])]);
    const records: Buffer[] = [];
    const records$ = channel('train', { baseDir }).pipe(decodeRecordIO({ multipart: 'concat' }), repeat(2));
    for await (const record of toAsyncIterable(records$)) records.push(Buffer.from(record));
    const epoch = images.flatMap((image, index) => [Buffer.from(String(index)), image]);
    expect(records).toEqual([...epoch, ...epoch]);
  });

  it('decompresses compressed objects', async () => {
    const data = folder({ 'a.gz': gzipSync('some '), 'b.gz': gzipSync('text') });
    const agent = await startWith([channelOf('train', data, { CompressionType: 'Gzip' })]);
    expect(await epochsOf(agent, 1)).toEqual(['some text']);
  });

  it('shuffles objects before each epoch, the same way in every run', async () => {
    const data = lettersFolder();
    const shuffledChannel = channelOf('train', data, { ShuffleConfig: { Seed: 7 } });
    const epochs = await epochsOf(await startWith([shuffledChannel]), 3);
    expect(epochs.map(sorted)).toEqual(Array.from({ length: 3 }, () => letters.join('')));
    expect(new Set([letters.join(''), ...epochs]).size).toBe(4);
    expect(await epochsOf(await startWith([shuffledChannel]), 3)).toEqual(epochs);
    const other = channelOf('train', data, { ShuffleConfig: { Seed: 8 } });
    expect(await epochsOf(await startWith([other]), 3)).not.toEqual(epochs);
  });

  it('shuffles whole lines of an augmented manifest, and keeps channels with the same seed in step', async () => {
    const lines = letters.map((letter) => JSON.stringify({ lower: letter, upper: letter.toUpperCase() })).join('\n');
    const uri = join(folder({ lines }), 'lines');
    const ShuffleConfig = { Seed: 3 };
    const both = { ...augmentedChannel('train', uri, ['lower', 'upper']), ShuffleConfig };
    const objects = channelOf('objects', lettersFolder(), { RecordWrapperType: 'RecordIO', ShuffleConfig });
    const { baseDir } = await startWith([both, objects]);
    const readAll = async (name: string) => {
      const records: string[] = [];
      const records$ = channel(name, { baseDir }).pipe(decodeRecordIO());
      for await (const record of toAsyncIterable(records$)) records.push(String(Buffer.from(record)));
      return records;
    };
    const order = await readAll('objects');
    expect(order).not.toEqual(letters);
    expect(await readAll('train')).toEqual(order.flatMap((letter) => [letter, letter.toUpperCase()]));
  });
});

describe('startHost on several hosts', () => {
  it('gives each host its own tree, configuration and environment', async () => {
    const agent = await startWith([channelOf('train', lettersFolder())], { ResourceConfig: { InstanceCount: 2 } });
    expect(agent.hosts.map(({ name }) => name)).toEqual(['algo-1', 'algo-2']);
    expect(agent.baseDir).toBe(agent.hosts[0]!.baseDir);
    for (const { name, baseDir, environment } of agent.hosts) {
      expect(environment['SAGEMAKER_BASE_DIR']).toBe(baseDir);
      const text = readFileSync(join(baseDir, 'input/config/resourceconfig.json'), 'utf8');
      expect(JSON.parse(text)).toMatchObject({
        current_host: name,
        hosts: ['algo-1', 'algo-2'],
        instance_groups: [{ hosts: ['algo-1', 'algo-2'] }],
      });
    }
    expect(agent.hosts[0]!.baseDir).not.toBe(agent.hosts[1]!.baseDir);
  });

  it('serves replicated data to each host', async () => {
    const agent = await start({ InputDataConfig: [channelOf('train', lettersFolder())] }, { hosts: 2 });
    for (const host of agent.hosts) expect(await epochsOf(host, 2)).toEqual([letters.join(''), letters.join('')]);
  });

  it.each<[string, Channel['ShuffleConfig']]>([
    ['always the same ones', undefined],
    ['dealt anew each epoch', { Seed: 5 }],
  ])('serves each object of sharded data to one host in each epoch, %s', async (_, ShuffleConfig) => {
    const train = sharded(channelOf('train', lettersFolder(), { ShuffleConfig }));
    const agent = await start({ InputDataConfig: [train] }, { hosts: 3 });
    const shares = await Promise.all(agent.hosts.map((host) => epochsOf(host, 4)));
    for (let epoch = 0; epoch < 4; epoch++) {
      expect(sorted(shares.map((share) => share[epoch]).join(''))).toBe(letters.join(''));
      expect(shares.map((share) => share[epoch]!.length)).toEqual([4, 3, 3]);
    }
    const sharesOfFirst = new Set(shares[0]!.map(sorted));
    expect(sharesOfFirst.size).toBe(ShuffleConfig === undefined ? 1 : 4);
  });

  it('deals the lines of an augmented manifest to the hosts', async () => {
    const lines = letters.map((letter) => JSON.stringify({ letter })).join('\n');
    const train = sharded(augmentedChannel('train', join(folder({ lines }), 'lines'), ['letter']));
    const agent = await start({ InputDataConfig: [train] }, { hosts: 2 });
    const seen: string[] = [];
    for (const { baseDir } of agent.hosts) {
      const records$ = channel('train', { baseDir }).pipe(decodeRecordIO());
      for await (const record of toAsyncIterable(records$)) seen.push(String(Buffer.from(record)));
    }
    expect(seen.join('')).toBe('acegibdfhj');
  });

  it('gives an empty epoch to a host without data', async () => {
    const agent = await start({ InputDataConfig: [sharded(channelOf('train', folder({ a: 'all' })))] }, { hosts: 2 });
    expect(await epochsOf(agent.hosts[0]!, 2)).toEqual(['all', 'all']);
    expect(await epochsOf(agent.hosts[1]!, 2)).toEqual(['', '']);
  });

  it('reports the host of an epoch', async () => {
    const reported: string[] = [];
    const agent = await start(
      { InputDataConfig: [channelOf('train', lettersFolder())] },
      { hosts: 2, onEpoch: ({ host, channel: name, epoch }) => reported.push(`${host} ${name} ${epoch}`) },
    );
    for (const host of agent.hosts) await epochsOf(host, 1);
    await agent.close();
    expect(reported).toEqual(['algo-1 train 0', 'algo-2 train 0']);
  });

  it('sorts the names of ten hosts alphabetically', async () => {
    const agent = await start({ InputDataConfig: [channelOf('train', lettersFolder())] }, { hosts: 10 });
    expect(agent.hosts.map(({ name }) => name).slice(0, 3)).toEqual(['algo-1', 'algo-10', 'algo-2']);
  });
});

describe.each(['File', 'FastFile'] as const)('startHost in %s mode', (InputMode) => {
  const filesOf = (host: LocalHost, name = 'train') =>
    readdirSync(inData(host, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(inData(host, name).length + 1))
      .sort();

  it('makes regular files at the paths of their keys, and reports the mode File', async () => {
    const data = folder({ 'a/b.csv': '1,2', '.hidden': '', 'c.gz': gzipSync('x') });
    const single = channelOf('single', join(data, 'a/b.csv'), { InputMode });
    const agent = await startWith([channelOf('train', data, { InputMode }), single]);
    expect(filesOf(agent)).toEqual(['.hidden', 'a/b.csv', 'c.gz']);
    expect(filesOf(agent, 'single')).toEqual(['b.csv']);
    expect(readFileSync(inData(agent, 'train/a/b.csv'), 'utf8')).toBe('1,2');
    // Files stay compressed, and use no additional disk space.
    expect(readFileSync(inData(agent, 'train/c.gz'))).toEqual(gzipSync('x'));
    expect(statSync(inData(agent, 'train/c.gz')).ino).toBe(statSync(join(data, 'c.gz')).ino);

    const config = readFileSync(join(agent.baseDir, 'input/config/inputdataconfig.json'), 'utf8');
    expect(JSON.parse(config)).toMatchObject({
      train: { TrainingInputMode: 'File' },
      single: { TrainingInputMode: 'File' },
    });
  });

  it('does not change the data when it is closed', async () => {
    const data = folder({ a: '1' });
    const agent = await startWith([channelOf('train', data, { InputMode })]);
    await agent.close();
    expect(readFileSync(join(data, 'a'), 'utf8')).toBe('1');
    expect(statSync(join(data, 'a')).nlink).toBe(1);
  });

  it('makes the files of a manifest, one file for a repeated key', async () => {
    const data = folder({ 'x/a': '1', 'x/s/b': '2', 'x/c': '3', m: '[{"prefix":"x"},"s/b","a","s/b"]' });
    const agent = await startWith([manifestChannel('train', join(data, 'm'), { InputMode })]);
    expect(filesOf(agent)).toEqual(['a', 's/b']);
  });

  it('works together with channels in Pipe mode', async () => {
    const agent = await start({
      AlgorithmSpecification: { TrainingInputMode: InputMode },
      InputDataConfig: [
        channelOf('validation', lettersFolder()),
        channelOf('train', lettersFolder(), { InputMode: 'Pipe' }),
      ],
    });
    expect(filesOf(agent, 'validation')).toEqual(letters);
    expect(await epochsOf(agent, 1)).toEqual([letters.join('')]);
  });

  it('deals the files to the hosts, with an empty folder for a host without data', async () => {
    const ShuffleConfig = { Seed: 1 };
    const few = sharded(channelOf('few', folder({ a: '1' }), { InputMode }));
    const train = sharded(channelOf('train', lettersFolder(), { InputMode, ShuffleConfig }));
    const agent = await start({ InputDataConfig: [few, train] }, { hosts: 2 });
    const [first, second] = agent.hosts.map((host) => filesOf(host));
    expect([...first!, ...second!].sort()).toEqual(letters);
    expect(first).not.toEqual(['a', 'c', 'e', 'g', 'i']);
    expect(agent.hosts.map((host) => filesOf(host, 'few'))).toEqual([['a'], []]);
  });
});
