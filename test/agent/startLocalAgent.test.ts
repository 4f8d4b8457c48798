import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { closeSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { toAsyncIterable, channel } from 'millrace';
import { startLocalAgent, type LocalAgent } from 'millrace/agent';
import { repeat } from 'rxjs';
import { startModule } from './startModule.js';
import { temporaryAgents, fifo, fifos, openReader, streamReader, servedLog } from './temporaryAgents.js';
import { cat, channelOf, manifestChannel, openFilesBelow, temporaryFolders } from './temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

const config = (agent: LocalAgent, name: string) =>
  JSON.parse(readFileSync(join(agent.baseDir, 'input/config', name), 'utf8')) as unknown;

describe('startLocalAgent', () => {
  it('fails, and does not hang, when a FIFO has replaced an object', async () => {
    const data = folder({ a: '1' });
    const errors = new EventEmitter();
    const failed = once(errors, 'failed') as Promise<[Error]>;
    const onError = (error: Error) => errors.emit('failed', error);
    const agent = await startLocalAgent({ InputDataConfig: [channelOf('train', data)] }, { onError });
    rmSync(join(data, 'a'));
    execFileSync('mkfifo', [join(data, 'a')]);
    const fd = openReader(fifo(agent, 'train_0'));
    expect((await failed)[0].message).toContain(`${data}/a is not a regular file`);
    closeSync(fd);
    await expect(agent.close()).rejects.toMatchObject({ code: 'ERR_AGENT' });
  });

  it('rejects a manifest that is a FIFO, and does not wait for its writer', async () => {
    const data = folder();
    execFileSync('mkfifo', [join(data, 'm')]);
    const job = { InputDataConfig: [manifestChannel('train', join(data, 'm'))] };
    await expect(start(job)).rejects.toThrow(`the manifest ${data}/m is not a regular file`);
  });

  it('stops when its signal is aborted, and leaves no files', async () => {
    const tmp = folder();
    const data = folder({ a: '1' });
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = tmp;
    const stop = new AbortController();
    try {
      const job = { InputDataConfig: [channelOf('train', data, { InputMode: 'File' })] };
      const starting = start(job, { signal: stop.signal });
      stop.abort('enough');
      await expect(starting).rejects.toBe('enough');
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    }
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('lays out the tree of a training job', async () => {
    const data = folder({ 'train/a': '1', 'validation.csv': '2' });
    const agent = await start(
      {
        InputDataConfig: [
          channelOf('train', `${data}/train`, { RecordWrapperType: 'RecordIO' }),
          channelOf('validation', `${data}/validation.csv`, { ContentType: 'text/csv' }),
        ],
        HyperParameters: { epochs: '10' },
        ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
      },
      { relativeTo: '/nowhere' },
    );

    const folders = readdirSync(agent.baseDir, { recursive: true, encoding: 'utf8' });
    expect(folders.filter((name) => statSync(join(agent.baseDir, name)).isDirectory()).sort()).toEqual(
      ['checkpoints', 'code', 'input', 'input/config', 'input/data', 'model', 'output', 'output/data'].sort(),
    );
    expect(config(agent, 'hyperparameters.json')).toEqual({ epochs: '10' });
    expect(config(agent, 'inputdataconfig.json')).toEqual({
      train: { TrainingInputMode: 'Pipe', S3DistributionType: 'FullyReplicated', RecordWrapperType: 'RecordIO' },
      validation: {
        TrainingInputMode: 'Pipe',
        S3DistributionType: 'FullyReplicated',
        RecordWrapperType: 'None',
        ContentType: 'text/csv',
      },
    });
    expect(config(agent, 'resourceconfig.json')).toEqual({
      current_host: 'algo-1',
      current_instance_type: 'ml.m5.large',
      current_group_name: 'homogeneousCluster',
      hosts: ['algo-1'],
      instance_groups: [{ instance_group_name: 'homogeneousCluster', instance_type: 'ml.m5.large', hosts: ['algo-1'] }],
      network_interface_name: 'eth0',
    });
  });

  it('returns the environment variables of the platform', async () => {
    const agent = await start({
      TrainingJobName: 'digits-1',
      InputDataConfig: [channelOf('train', folder({ a: '1' }))],
      Environment: { LEVEL: 'debug', SAGEMAKER_BASE_DIR: '/opt/ml' },
    });
    expect(agent.environment).toEqual({
      LEVEL: 'debug',
      SAGEMAKER_BASE_DIR: agent.baseDir,
      TRAINING_JOB_NAME: 'digits-1',
      TRAINING_JOB_ARN: 'arn:aws:sagemaker:local:000000000000:training-job/digits-1',
    });
  });

  it('serves channel() in the same process', async () => {
    const content = randomBytes(300_000);
    const agent = await start({ InputDataConfig: [channelOf('train', folder({ a: content }))] });
    const chunks: Uint8Array[] = [];
    for await (const chunk of toAsyncIterable(channel('train', { baseDir: agent.baseDir }).pipe(repeat(3)))) {
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(Buffer.concat([content, content, content]))).toBe(true);
  });

  it('reports data that cannot be served, does not end the epoch, and rejects at close', async () => {
    const data = folder({ a: 'first', b: 'second' });
    const events = new EventEmitter();
    const failure = once(events, 'failure').then(([error]) => error as Error);
    const onError = (error: Error) => events.emit('failure', error);
    const agent = await startLocalAgent({ InputDataConfig: [channelOf('train', data)] }, { onError });
    rmSync(join(data, 'b'));
    const reader = streamReader(fifo(agent, 'train_0'));
    const ended = once(reader.resume(), 'end');

    expect(await failure).toMatchObject({ code: 'ERR_AGENT' });
    expect((await failure).message).toContain('Cannot serve train_0');
    expect(reader.readableEnded).toBe(false);
    await expect(agent.close()).rejects.toBe(await failure);
    await ended;
    expect(existsSync(agent.baseDir)).toBe(false);
  });

  it('leaves no files when it is closed while readers are active', async () => {
    const data = folder({ a: randomBytes(2 ** 20) });
    const { onEpoch, epochs } = servedLog();
    const agent = await startLocalAgent(
      { InputDataConfig: [channelOf('train', data), channelOf('other', data)] },
      { onEpoch },
    );
    const reader = openReader(fifo(agent, 'train_0'));
    while (!openFilesBelow(data).length) await turn();
    await agent.close();
    closeSync(reader);

    expect(epochs).toMatchObject([{ channel: 'train', epoch: 0, complete: false }]);
    expect(existsSync(agent.baseDir)).toBe(false);
    expect([...openFilesBelow(data), ...openFilesBelow(agent.baseDir)]).toEqual([]);
  });

  it('keeps the process alive until it is closed', async () => {
    const job = JSON.stringify({ InputDataConfig: [channelOf('train', folder({ a: '1' }))] });
    const child = startModule(
      'startLocalAgent',
      `const agent = await startLocalAgent(${job});
       console.log(agent.baseDir);
       process.stdin.once('data', () => { process.stdin.destroy(); agent.close() }).unref();`,
    );
    const closed = once(child, 'close');
    const [baseDir] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    expect(String(await cat(join(baseDir.trim(), 'input/data/train_0')))).toBe('1');
    child.stdin.write('now');
    expect(await closed).toEqual([0, null]);
  });

  it('closes once for several calls, and at the end of a scope', async () => {
    const agent = await startLocalAgent({ InputDataConfig: [channelOf('train', folder({ a: '1' }))] });
    const closing = agent.close();
    expect(agent.close()).toBe(closing);
    await agent[Symbol.asyncDispose]();
    expect(existsSync(agent.baseDir)).toBe(false);
  });

  it('keeps the tree with `keep`, without the FIFOs', async () => {
    const agent = await startLocalAgent({ InputDataConfig: [channelOf('train', folder({ a: '1' }))] });
    await agent.close({ keep: true });
    expect(fifos(agent)).toEqual([]);
    expect(config(agent, 'inputdataconfig.json')).toHaveProperty('train');
    rmSync(agent.baseDir, { recursive: true });
  });
});
