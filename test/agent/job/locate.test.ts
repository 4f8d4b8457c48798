import { join } from 'node:path';
import { symlinkSync } from 'node:fs';
import { decodeRecordIO } from 'millrace/operators';
import { fromIterable, toAsyncIterable } from 'millrace';
import type { TrainingJobRequest } from 'millrace/agent';
import { fifo, temporaryAgents } from '../temporaryAgents.js';
import { augmentedChannel, cat, channelOf, manifestChannel, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

type Channel = TrainingJobRequest['InputDataConfig'][number];

/** The objects of a bucket, as files. */
const OBJECTS = {
  'digits/train/a': 'A',
  'digits/train/sub/b': 'B',
  'digits/pairs.manifest': '[{"prefix": "s3://bucket/digits/tr"}, "ain/sub/b", "ain/a"]',
  'digits/lines.manifest': '{"image-ref": "s3://images/cats/1.png", "label": 3}\n',
};

async function serve(channel: Channel, map: Record<string, string>): Promise<Buffer> {
  const agent = await start({ InputDataConfig: [channel] }, { map });
  return cat(fifo(agent, 'train_0'));
}

describe('the map of the local agent', () => {
  it.each([
    ['the bucket', 's3://bucket', ''],
    ['a prefix', 's3://bucket/digits', 'digits'],
    ['a prefix with a slash at its end', 's3://bucket/digits/', 'digits'],
    ['the whole URI', 's3://bucket/digits/train', 'digits/train'],
  ])('maps %s to a folder', async (_, prefix, below) => {
    const map = { [prefix]: join(folder(OBJECTS), below) };
    expect(String(await serve(channelOf('train', 's3://bucket/digits/train/'), map))).toBe('AB');
  });

  it('prefers the longest prefix', async () => {
    const map = {
      's3://bucket': folder(),
      's3://bucket/digits/train': folder({ x: 'longest' }),
      's3://bucket/digits': folder(),
    };
    expect(String(await serve(channelOf('train', 's3://bucket/digits/train'), map))).toBe('longest');
  });

  it('reads an S3 manifest unchanged: prefix and key are concatenated', async () => {
    const map = { 's3://bucket': folder(OBJECTS) };
    expect(String(await serve(manifestChannel('train', 's3://bucket/digits/pairs.manifest'), map))).toBe('BA');
  });

  it('reads an augmented manifest unchanged, with objects in another bucket', async () => {
    const map = { 's3://bucket': folder(OBJECTS), 's3://images': folder({ 'cats/1.png': 'pixels' }) };
    const channel = augmentedChannel('train', 's3://bucket/digits/lines.manifest', ['image-ref', 'label']);
    const records: string[] = [];
    const bytes = await serve(channel, map);
    for await (const record of toAsyncIterable(fromIterable([bytes]).pipe(decodeRecordIO()))) {
      records.push(Buffer.from(record).toString());
    }
    expect(records).toEqual(['pixels', '3']);
  });

  it.each<[string, Channel, string]>([
    ['a channel', channelOf('train', 's3://other/data/'), 's3://other/data is in S3'],
    ['the neighbour of a prefix', channelOf('train', 's3://bucket2/data'), 's3://bucket2/data is in S3'],
    [
      'an object of an augmented manifest',
      augmentedChannel('train', 's3://bucket/digits/lines.manifest', ['image-ref']),
      'line 1: attribute "image-ref": s3://images/cats/1.png is in S3',
    ],
  ])('is requested in the error if no map covers %s', async (_, channel, message) => {
    const starting = start({ InputDataConfig: [channel] }, { map: { 's3://bucket': folder(OBJECTS) } });
    await expect(starting).rejects.toThrow(message.replace('s3://other/data is', 's3://other/data/ is'));
    await expect(starting).rejects.toThrow(
      /--map s3:\/\/\S+=<folder>.* The map has the prefixes s3:\/\/bucket\. .*aws s3 cp/,
    );
    await expect(starting).rejects.toMatchObject({ code: 'ERR_CONFIG' });
  });

  it('rejects paths out of its folder, through a link or ..', async () => {
    const bucket = folder({
      'in/lines.manifest': '{"a-ref": "s3://bucket/in/link"}',
      'in/up.manifest': '{"a-ref": "s3://bucket/in/../secret"}',
      secret: '',
    });
    symlinkSync('../secret', join(bucket, 'in/link'));
    const map = { 's3://bucket/in': join(bucket, 'in') };
    const starting = (name: string) =>
      start({ InputDataConfig: [augmentedChannel('train', `s3://bucket/in/${name}`, ['a-ref'])] }, { map });
    await expect(starting('lines.manifest')).rejects.toThrow('is outside of the folder');
    await expect(starting('up.manifest')).rejects.toThrow('contains the part . or .., which is not allowed');
  });

  it.each([{ 'gs://bucket': 'data' }, { 's3://': 'data' }, { 's3://bucket': '' }])('refuses %j', async (map) => {
    const starting = start({ InputDataConfig: [channelOf('train', folder({ a: '' }))] }, { map });
    await expect(starting).rejects.toMatchObject({ code: 'ERR_CONFIG', path: expect.stringMatching(/^map/) });
  });
});
