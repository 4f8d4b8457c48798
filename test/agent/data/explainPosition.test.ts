import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { TrainingJobRequest } from 'millrace/agent';
import { explainPosition, type FifoPosition } from '../../../src/agent/data/explainPosition.js';
import { findChannels } from '../../../src/agent/findChannels.js';
import { temporaryAgents, fifo } from '../temporaryAgents.js';
import { augmentedChannel, cat, channelOf, sharded, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

type Channel = TrainingJobRequest['InputDataConfig'][number];

async function explain(channel: Channel, at: Partial<FifoPosition>, hosts = 1): Promise<readonly string[]> {
  const found = await findChannels({ InputDataConfig: [channel] }, { hosts });
  return explainPosition(found, { channel: 'train', epoch: 0, unit: 'byte', position: 0, ...at });
}

describe('explainPosition', () => {
  it.each([
    [0, 'byte 0 of train_0 is byte 0 of DATA/a (bytes 0 to 4 of the epoch)'],
    [4, 'byte 4 of train_0 is byte 4 of DATA/a (bytes 0 to 4 of the epoch)'],
    [5, 'byte 5 of train_0 is byte 0 of DATA/c (bytes 5 to 7 of the epoch)'],
  ])('finds the file of byte %d', async (position, sentence) => {
    const data = folder({ a: 'first', b: '', c: 'end' });
    expect(await explain(channelOf('train', data), { position })).toEqual([sentence.replace('DATA', data)]);
  });

  it.each([
    ['byte', 8, 'byte 8 of train_0 does not exist, because the epoch has 8 bytes'],
    ['line', 4, 'line 4 of train_0 does not exist, because the epoch has 3 lines'],
    ['line', 99999, 'line 99999 of train_0 does not exist, because the epoch has 3 lines'],
  ] as const)('refuses %s %d after the end', async (unit, position, sentence) => {
    const data = folder({ a: '1\n2\n', b: '3456' });
    await expect(explain(channelOf('train', data), { unit, position })).rejects.toThrow(`--explain: ${sentence}`);
  });

  it('counts no line after the last newline', async () => {
    const explained = explain(channelOf('train', folder({ a: '1\n' })), { unit: 'line', position: 2 });
    await expect(explained).rejects.toThrow('because the epoch has 1 line');
  });

  it('agrees with the bytes that the agent serves, for every byte of shuffled, compressed records', async () => {
    const contents = Object.fromEntries(Array.from('abcdefg', (name, at) => [name, name.repeat(at)]));
    const data = folder(Object.fromEntries(Object.entries(contents).map(([name, text]) => [name, gzipSync(text)])));
    const channel = channelOf('train', data, {
      ...({ CompressionType: 'Gzip', RecordWrapperType: 'RecordIO', ShuffleConfig: { Seed: 7 } } as const),
    });
    const agent = await start({ InputDataConfig: [channel] });
    await cat(fifo(agent, 'train_0'));
    const served = await cat(fifo(agent, 'train_1'));
    let found = 0;
    for (const [position, byte] of served.entries()) {
      const [sentence = ''] = await explain(channel, { epoch: 1, position });
      const [, at, name = ''] = /is byte (\d+) of .*\/(\w) after decompression/.exec(sentence) ?? [];
      if (at === undefined) continue;
      found++;
      expect([position, contents[name]?.charCodeAt(Number(at))]).toEqual([position, byte]);
    }
    expect(found).toBe(Object.values(contents).join('').length);
  });

  it('names the header and the padding of a RecordIO record', async () => {
    const channel = channelOf('train', folder({ a: '123' }), { RecordWrapperType: 'RecordIO' });
    expect((await explain(channel, { position: 7 }))[0]).toContain('is in the RecordIO header of');
    expect((await explain(channel, { position: 11 }))[0]).toContain('is in the RecordIO padding after');
  });

  it('names the line and the attribute of an augmented manifest', async () => {
    const manifest = join(folder({ m: '{"label":1}\n{"label":2}\n' }), 'm');
    const [sentence] = await explain(augmentedChannel('train', manifest, ['label']), { position: 20 });
    expect(sentence).toContain(`byte 0 of the attribute "label" in line 2 of ${manifest}`);
  });

  it.each([
    [1, 'begins in line 1 of DATA/a'],
    [3, 'begins in line 1 of DATA/b'],
    [4, 'begins in line 2 of DATA/b'],
  ])('finds the file of line %d', async (position, text) => {
    const data = folder({ a: '1\n2\n', b: '3\n4\n' });
    const [sentence] = await explain(channelOf('train', data), { unit: 'line', position });
    expect(sentence).toContain(text.replace('DATA', data));
  });

  it('explains each host if the epochs of the hosts differ', async () => {
    const data = folder({ a: '1', b: '2' });
    expect(await explain(sharded(channelOf('train', data)), {}, 2)).toEqual([
      `algo-1: byte 0 of train_0 is byte 0 of ${data}/a (bytes 0 to 0 of the epoch)`,
      `algo-2: byte 0 of train_0 is byte 0 of ${data}/b (bytes 0 to 0 of the epoch)`,
    ]);
    expect(await explain(channelOf('train', data), {}, 2)).toHaveLength(1);
  });

  it('refuses a channel that the job does not have in Pipe mode', async () => {
    const explained = explain(channelOf('train', folder({ a: '1' })), { channel: 'other' });
    await expect(explained).rejects.toThrow('--explain: expected a channel in Pipe mode (train), found "other"');
  });
});
