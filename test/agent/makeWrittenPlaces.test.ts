import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from 'millrace';
import { type LocalAgentOptions, type TrainingJobRequest } from 'millrace/agent';
import { findChannels } from '../../src/agent/findChannels.js';
import { makeWrittenPlaces } from '../../src/agent/makeWrittenPlaces.js';
import { augmentedChannel, channelOf, manifestChannel, temporaryFolders } from './temporaryJob.js';

const newFolder = temporaryFolders();

/** Makes a folder with data, manifests in another folder, a link to the data, and results of an earlier job. */
function dataFolder(): string {
  const folder = newFolder({
    'data/train/a': 'some data',
    'lists/m.json': '[{ "prefix": "../data/train" }, "a"]',
    'lists/m.jsonl': '{"a-ref": "../data/train/a"}',
    'aside/x': '',
    'result/output/old/a': '',
    'result/model/m.json': '[{ "prefix": "../../data/train" }, "a"]',
    'lists/results.json': '[{ "prefix": "../result/output" }, "old/a"]',
    'lists/results.jsonl': '{"a-ref": "../result/output/old/a"}',
  });
  symlinkSync('data/train', join(folder, 'link'));
  return folder;
}

interface Places {
  readonly channels?: TrainingJobRequest['InputDataConfig'];
  readonly output?: string;
  readonly store?: string;
  readonly map?: LocalAgentOptions['map'];
}

async function make(folder: string, { channels = [channelOf('train', 'data/train')], output, store, map }: Places) {
  const CheckpointConfig = store === undefined ? undefined : { S3Uri: store };
  const job = { InputDataConfig: channels, ...(CheckpointConfig && { CheckpointConfig }) };
  const found = await findChannels(job, { relativeTo: folder, manifestRoot: folder, map });
  return makeWrittenPlaces(found, output === undefined ? undefined : join(folder, output));
}

describe('makeWrittenPlaces', () => {
  it.each<[string, string, Places]>([
    ['inside the data', 'is inside', { output: 'data/train/result' }],
    ['inside the data, several levels deep', 'is inside', { output: 'data/train/new/result' }],
    ['that is the data', 'is inside', { output: 'data/train' }],
    [
      'whose results would contain the data',
      'contains',
      { output: 'result', channels: [channelOf('t', 'result/output/old')] },
    ],
    ['inside the data through a link', 'is inside', { output: 'link/result' }],
    ['inside data that a link leads to', 'is inside', { output: 'data/train/r', channels: [channelOf('t', 'link')] }],
    [
      'inside the data in File mode',
      'is inside',
      {
        ...{ output: 'data/train/r', channels: [channelOf('t', 'data/train', { InputMode: 'File' })] },
      },
    ],
    [
      'inside the data of the second channel',
      'is inside',
      {
        ...{ output: 'data/train/r', channels: [channelOf('t', 'aside'), channelOf('u', 'data/train')] },
      },
    ],
    [
      'that contains a file of a manifest',
      'contains',
      {
        ...{ output: 'result', channels: [manifestChannel('t', 'lists/results.json')] },
      },
    ],
    [
      'that contains a manifest',
      'contains',
      { output: 'result', channels: [manifestChannel('t', 'result/model/m.json')] },
    ],
    [
      'that contains a file of an augmented manifest',
      'contains',
      {
        ...{ output: 'result', channels: [augmentedChannel('t', 'lists/results.jsonl', ['a-ref'])] },
      },
    ],
    ['for checkpoints inside the data', 'is inside', { store: 'data/train/kept' }],
    ['for checkpoints that contains the data', 'contains', { store: '.' }],
  ])('refuses a folder %s, and creates nothing', async (_, relation, places) => {
    const folder = dataFolder();
    const before = readdirSync(folder, { recursive: true });
    const made = make(folder, places);
    await expect(made).rejects.toThrow(ConfigError);
    await expect(made).rejects.toThrow(
      new RegExp(`: the folder ${folder}[^ ]* (\\(.*\\) )?${relation} ${folder}/.* outside the data`),
    );
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it('refuses mapped checkpoints inside mapped data', async () => {
    const folder = dataFolder();
    const map = { 's3://bucket/train': join(folder, 'link'), 's3://bucket/kept': join(folder, 'data/train/kept') };
    const made = make(folder, { channels: [channelOf('train', 's3://bucket/train')], store: 's3://bucket/kept', map });
    await expect(made).rejects.toMatchObject({
      path: 'CheckpointConfig.S3Uri',
      message: expect.stringContaining(`${folder}/data/train/kept is inside ${folder}/data/train, which is data of`),
    });
  });

  it('creates no folder if only the second one overlaps the data', async () => {
    const folder = dataFolder();
    await expect(make(folder, { output: 'fresh', store: 'data/train/kept' })).rejects.toThrow('the checkpoints');
    expect(existsSync(join(folder, 'fresh'))).toBe(false);
  });

  it.each([
    ['is inside', 'kept', 'kept'],
    ['is inside', 'kept/results', 'kept'],
    ['is', 'fresh', 'fresh/model'],
    ['contains', 'fresh', 'fresh/output/kept'],
  ])('refuses results whose folder %s the checkpoints: %s, %s', async (relation, output, store) => {
    const folder = dataFolder();
    await expect(make(folder, { output, store })).rejects.toThrow(
      `${relation} the folder of the checkpoints (CheckpointConfig.S3Uri), ${folder}/${store}. The next run would receive`,
    );
    expect(existsSync(join(folder, output))).toBe(false);
  });

  it('takes checkpoints below the output', async () => {
    const folder = dataFolder();
    await make(folder, { output: 'result', store: 'result/kept' });
    expect(existsSync(join(folder, 'result/kept'))).toBe(true);
  });

  it('understands an output that is a file:// URL, and refuses other URLs', async () => {
    const folder = dataFolder();
    const found = await findChannels({ InputDataConfig: [channelOf('t', join(folder, 'data/train'))] }, {});
    const output = join(folder, 'result');
    expect(await makeWrittenPlaces(found, pathToFileURL(output).href)).toMatchObject({ output: { path: output } });
    expect(existsSync(output)).toBe(true);
    await expect(makeWrittenPlaces(found, 'http://host/result')).rejects.toThrow(
      /^outputDir \(--output\): expected a path, a file:\/\/ URL or an s3:\/\/ URI, found http:/,
    );
  });

  it('creates folders beside the data, also if their names begin like it', async () => {
    const folder = dataFolder();
    expect(await make(folder, { output: 'data/train2', store: 'result/kept' })).toMatchObject({
      checkpoints: { path: join(folder, 'result/kept') },
      output: { path: join(folder, 'data/train2') },
    });
    expect([existsSync(join(folder, 'data/train2')), existsSync(join(folder, 'result/kept'))]).toEqual([true, true]);
  });

  it.each(['.', 'data'])(
    'accepts the folder %s, which contains the data and the results side by side',
    async (output) => {
      expect(await make(dataFolder(), { output })).toHaveProperty('output');
    },
  );

  it('creates a folder beside the files of a manifest', async () => {
    const folder = dataFolder();
    await make(folder, { output: 'data/train/result', channels: [manifestChannel('t', 'lists/m.json')] });
    expect(existsSync(join(folder, 'data/train/result'))).toBe(true);
  });
});
