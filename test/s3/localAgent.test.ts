import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runLocalJob, type TrainingJobRequest } from 'millrace/agent';
import { s3Store } from '../../src/s3/s3Store.js';
import { fifo, temporaryAgents } from '../agent/temporaryAgents.js';
import { augmentedChannel, cat, channelOf, manifestChannel, temporaryFolders } from '../agent/temporaryJob.js';
import { startMillrace } from '../cli/millrace.js';
import { patternBytes } from '../stores/support/rangeServer.js';
import { clientsOf } from './support/clientsOf.js';
import { runningSwift } from './support/runningSwift.js';

const server = await runningSwift('test/s3/localAgent.test.ts');
const folder = temporaryFolders();
const start = temporaryAgents();

/** Has three ranges. */
const large = patternBytes(9_000_000);

const OBJECTS = {
  'train/': '',
  'train/a b+c': 'A',
  'train/large': large,
  'train-2/x': 'X',
  'pairs.manifest': '[{"prefix": "s3://agent/tr"}, "ain-2/x", "ain/a b+c"]',
  'lines.manifest': '{"image-ref": "s3://agent/train/a b+c", "label": 7}\n',
  'ckpt/step': '1',
};

(server ? describe : describe.skip)('the local agent with a real S3 server', () => {
  const { endpoint = '', region = '', accessKeyId = '', secretAccessKey = '' } = server ?? {};
  const client = clientsOf(server)();
  const store = s3Store(client);

  beforeAll(async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'agent' }));
    for (const [Key, Body] of Object.entries(OBJECTS)) {
      await client.send(new PutObjectCommand({ Bucket: 'agent', Key, Body: Buffer.from(Body) }));
    }
  });

  afterAll(() => {
    client.destroy();
  });

  const jobOf = (more: Partial<TrainingJobRequest> = {}): TrainingJobRequest => ({
    InputDataConfig: [channelOf('train', 's3://agent/train')],
    ...more,
  });

  const textOf = async (Key: string) =>
    (await client.send(new GetObjectCommand({ Bucket: 'agent', Key }))).Body?.transformToString();

  const epochOf = async (channel: TrainingJobRequest['InputDataConfig'][number]) =>
    cat(fifo(await start({ InputDataConfig: [channel] }, { store }), 'train_0'));

  it('plays Pipe mode from a prefix, a manifest and an augmented manifest', async () => {
    const all = Buffer.concat([Buffer.from('X'), Buffer.from('A'), large]);
    expect((await epochOf(channelOf('train', 's3://agent/train'))).equals(all)).toBe(true);
    expect(String(await epochOf(manifestChannel('train', 's3://agent/pairs.manifest')))).toBe('XA');
    const channel = augmentedChannel('train', 's3://agent/lines.manifest', ['image-ref', 'label']);
    expect(String(await epochOf(channel))).toMatch(/A.*7/s);
  });

  it('downloads the files of File mode', async () => {
    const job = { InputDataConfig: [channelOf('train', 's3://agent/train/', { InputMode: 'File' })] };
    const agent = await start(job, { store });
    expect(readFileSync(join(agent.baseDir, 'input/data/train/large')).equals(large)).toBe(true);
    expect(readFileSync(join(agent.baseDir, 'input/data/train/a b+c'), 'utf8')).toBe('A');
  });

  it('keeps checkpoints and results in the bucket', async () => {
    const job = jobOf({ CheckpointConfig: { S3Uri: 's3://agent/ckpt' } });
    const script = 'cd $SAGEMAKER_BASE_DIR; cat checkpoints/step > model/m; echo 2 > checkpoints/step';
    await runLocalJob({ job, store, command: 'sh', args: ['-c', script], outputDir: 's3://agent/jobs' });
    expect([await textOf('ckpt/step'), await textOf('jobs/model/m')]).toEqual(['2\n', '1']);
  });

  it('removes the uploads that a killed agent has left, and no others', async () => {
    const leaveUpload = async (key: string) => (await store.create(`s3://agent/${key}`)).write(large);
    for (const key of ['left/step', 'left-2/step', 'out/model/m', 'out/other']) await leaveUpload(key);
    const job = jobOf({ CheckpointConfig: { S3Uri: 's3://agent/left' } });
    await runLocalJob({ job, store, command: 'true', outputDir: 's3://agent/out' });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'agent' }));
    expect(Uploads.map(({ Key }) => Key)).toEqual(['left-2/step', 'out/other']);
  });

  it('serves millrace local --store s3', async () => {
    const path = join(folder({ 'job.json': JSON.stringify(jobOf()) }), 'job.json');
    const script = 'cat $SAGEMAKER_BASE_DIR/input/data/train_0 | wc -c; echo 1 > $SAGEMAKER_BASE_DIR/model/m';
    const flags = ['--store', 's3', '--output', 's3://agent/cli'];
    const { ended } = startMillrace(['local', path, ...flags, '--', 'sh', '-c', script], {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
    expect(await ended).toMatchObject({ exitCode: 0, stdout: `${large.length + 2}\n` });
    expect(await textOf('cli/model/m')).toBe('1\n');
  });

  it('says what is wrong with a bucket', async () => {
    const starting = start({ InputDataConfig: [channelOf('train', 's3://none/x')] }, { store });
    await expect(starting).rejects.toThrow(
      /^channel "train": Cannot list s3:\/\/none\/x: the server answered 404 \(NoSuchBucket: .*InputDataConfig\[0\]/,
    );
  });
});
