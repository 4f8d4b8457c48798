import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { temporaryAgents, fifo, fifos, openReader, streamReader, visit, servedLog } from '../temporaryAgents.js';
import { cat, channelOf, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

describe('offerEpochs', () => {
  it('serves the objects in the order of their keys without a separator, in each epoch', async () => {
    const { onEpoch, epochs } = servedLog();
    const data = folder({ b: 'three', 'a/2': 'two ', 'a/1': 'one ', '.hidden': 'zero ' });
    const agent = await start({ InputDataConfig: [channelOf('train', '.')] }, { relativeTo: data, onEpoch });
    for (const name of ['train_0', 'train_1', 'train_2']) {
      expect(String(await cat(fifo(agent, name)))).toBe('zero one two three');
    }
    await agent.close();
    expect(epochs).toEqual(
      [0, 1, 2].map((epoch) => ({ host: 'algo-1', channel: 'train', epoch, bytes: 18, complete: true })),
    );
  });

  it('makes FIFOs before their epoch, and removes FIFOs that were read', async () => {
    const { onEpoch, count } = servedLog();
    const agent = await start({ InputDataConfig: [channelOf('train', folder({ a: '1' }))] }, { onEpoch });
    expect(fifos(agent)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((epoch) => `train_${epoch}`));
    expect(statSync(fifo(agent, 'train_1')).isFIFO()).toBe(true);

    const reader = openReader(fifo(agent, 'train_0'));
    try {
      await count(1);
      while (fifos(agent).length < 15) await turn();
      expect(fifos(agent)).toEqual(Array.from({ length: 15 }, (_, i) => `train_${i + 1}`).sort());
    } finally {
      closeSync(reader);
    }
  });

  it('writes an epoch that fits into the pipe before its reader has read a byte', async () => {
    const { onEpoch, count, epochs } = servedLog();
    const agent = await start(
      { InputDataConfig: [channelOf('train', folder({ a: 'x'.repeat(60_000) }))] },
      { onEpoch },
    );
    const reader = openReader(fifo(agent, 'train_0'));
    await count(1);
    expect(epochs).toEqual([{ host: 'algo-1', channel: 'train', epoch: 0, bytes: 60_000, complete: true }]);
    const read = new Socket({ fd: reader, readable: true, writable: false }).setEncoding('utf8');
    expect((await read.toArray()).join('')).toBe('x'.repeat(60_000));
  });

  it('serves an empty epoch', async () => {
    const { onEpoch, count, epochs } = servedLog();
    const agent = await start({ InputDataConfig: [channelOf('train', folder({ empty: '' }))] }, { onEpoch });
    expect(await cat(fifo(agent, 'train_0'))).toHaveLength(0);
    await count(1);
    expect(epochs).toEqual([{ host: 'algo-1', channel: 'train', epoch: 0, bytes: 0, complete: true }]);
  });

  it('ends an epoch whose reader leaves early, and serves the next from the start', async () => {
    const { onEpoch, count, epochs } = servedLog();
    const content = randomBytes(2 ** 20);
    const agent = await start({ InputDataConfig: [channelOf('train', folder({ a: content }))] }, { onEpoch });
    const reader = streamReader(fifo(agent, 'train_0'));
    await once(reader, 'data');
    reader.destroy();
    await count(1);
    expect(epochs).toMatchObject([{ epoch: 0, complete: false }]);
    expect(content.equals(await cat(fifo(agent, 'train_1')))).toBe(true);
  });

  it('has the next epoch ready after several readers that left before the agent noticed them', async () => {
    const agent = await start({ InputDataConfig: [channelOf('train', folder({ a: '1' }))] });
    for (let epoch = 0; epoch < 7; epoch++) visit(fifo(agent, `train_${epoch}`));
    for (const name of ['train_7', 'train_8', 'train_9']) expect(String(await cat(fifo(agent, name)))).toBe('1');
  });

  it('serves channels independently of each other', async () => {
    const content = randomBytes(2 ** 20);
    const data = folder({ 'train/a': content, 'validation/a': 'small' });
    const agent = await start(
      { InputDataConfig: [channelOf('train', 'train'), channelOf('validation', 'validation')] },
      { relativeTo: data },
    );
    // This reader fills its pipe and leaves it full.
    const reader = openReader(fifo(agent, 'train_0'));
    try {
      expect(String(await cat(fifo(agent, 'validation_0')))).toBe('small');
      expect(String(await cat(fifo(agent, 'validation_1')))).toBe('small');
    } finally {
      closeSync(reader);
    }
    expect(content.equals(await cat(fifo(agent, 'train_1')))).toBe(true);
  });

  it('delivers 20 MiB unchanged to a slow reader', async () => {
    const content = randomBytes(20 * 2 ** 20);
    const agent = await start({ InputDataConfig: [channelOf('train', folder({ a: content }))] });
    const reader = streamReader(fifo(agent, 'train_0'));
    const hash = createHash('sha256');
    for await (const chunk of reader) {
      hash.update(chunk as Buffer);
      for (let turns = 0; turns < 5; turns++) await turn();
    }
    expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
  });
});
