import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { UploadProgress } from '../../src/agent/tree/jobResults.js';
import { runLocalJob, startLocalAgent, type LocalJobOptions, type TrainingJobRequest } from 'millrace/agent';
import type { WritableStore } from '../../src/stores/store.js';
import { nextTurn, until } from '../support/fifoWriter.js';
import { folderStore, memoryStore } from './folderStore.js';
import { temporaryAgents } from './temporaryAgents.js';
import { channelOf, temporaryFolders } from './temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

const jobOf = (S3Uri?: string): TrainingJobRequest => ({
  InputDataConfig: [channelOf('train', folder({ a: '1' }))],
  ...(S3Uri !== undefined && { CheckpointConfig: { S3Uri } }),
});

/** Makes a folder with a bucket. */
function bucket(files: Readonly<Record<string, string>> = {}): string {
  const root = folder(files);
  mkdirSync(join(root, 'b'), { recursive: true });
  return root;
}

const run = (script: string, options: Partial<LocalJobOptions>) =>
  runLocalJob({ job: jobOf(), command: 'sh', args: ['-c', `cd $SAGEMAKER_BASE_DIR; ${script}`], ...options });

const filesOf = (root: string) =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name).slice(root.length + 1),
        readFileSync(join(parentPath, name), 'utf8'),
      ]),
  );

describe('the results of a local job', () => {
  it('are copied below an s3:// URI of a store, also after a failure', async () => {
    const root = bucket();
    const script = `echo m > model/m; ln -s m model/latest; ln -s /proc/version model/out; mkdir -p model/sub; ln -s sub model/dir;
      echo d > output/data/d; exit 1`;
    expect(await run(script, { outputDir: 's3://b/jobs/1', store: folderStore(root) })).toMatchObject({ exitCode: 1 });
    expect(filesOf(root)).toEqual({
      'b/jobs/1/model/m': 'm\n',
      'b/jobs/1/model/latest': 'm\n',
      'b/jobs/1/output/data/d': 'd\n',
    });
  });

  it('are kept apart by host, in a store or below s3Root, and onUpload reports the progress', async () => {
    const script = 'basename $SAGEMAKER_BASE_DIR > /dev/null; echo m > model/m';
    const root = bucket();
    const uploads: UploadProgress[] = [];
    const onUpload = (progress: UploadProgress) => uploads.push(progress);
    await run(script, { outputDir: 's3://b/', store: folderStore(root), hosts: 2, onUpload });
    expect(uploads).toEqual([
      { bytes: 2, byteLength: 4 },
      { bytes: 4, byteLength: 4 },
    ]);
    expect(filesOf(root)).toEqual({ 'b/algo-1/model/m': 'm\n', 'b/algo-2/model/m': 'm\n' });
    const other = folder();
    await run(script, { outputDir: 's3://new/jobs', s3Root: other });
    expect(filesOf(other)).toEqual({ 'new/jobs/model/m': 'm\n' });
  });

  it('remain in their folder if they cannot be uploaded', async () => {
    const root = bucket();
    const store = { ...folderStore(root), create: () => Promise.reject(new Error('no space in the cloud.')) };
    let baseDir = '';
    const onStart = (host: { readonly baseDir: string }) => (baseDir = host.baseDir);
    const running = run('echo m > model/m', { outputDir: 's3://b/x', store, onStart });
    await expect(running).rejects.toThrow(
      /Cannot copy the results to s3:\/\/b\/x\/: .*no space in the cloud\. The results remain in/,
    );
    expect(readFileSync(join(baseDir, 'model/m'), 'utf8')).toBe('m\n');
    rmSync(baseDir, { recursive: true });
  });

  it('remain in their folder if a signal stops their upload, and the job ends with the code of the signal', async () => {
    const root = bucket();
    const upload = (signal?: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
        process.emit('SIGINT', 'SIGINT');
      });
    const store: WritableStore = { ...folderStore(root), create: (_url, options) => upload(options?.signal) };
    let baseDir = '';
    const onStart = (host: { readonly baseDir: string }) => (baseDir = host.baseDir);
    const result = await run('echo m > model/m', { outputDir: 's3://b/x', store, onStart });
    expect(result).toMatchObject({
      exitCode: 130,
      remark: `ended before SIGINT stopped this job. Cannot copy the results to s3://b/x/: SIGINT. The results remain in ${baseDir}`,
    });
    expect(readFileSync(join(baseDir, 'model/m'), 'utf8')).toBe('m\n');
    rmSync(baseDir, { recursive: true });
  });

  it.each([
    [
      'the URI has one slash',
      {},
      /outputDir \(--output\): expected a path or a URL, found "s3:\/b\/x": write s3:\/\/ for a URL, or/,
      's3:/b/x',
    ],
    ['no store has the URI', {}, /outputDir \(--output\): s3:\/\/b\/x is in S3\. .*--store s3/],
    [
      'the store only reads',
      { store: memoryStore({}) },
      /outputDir \(--output\): the store of s3:\/\/b\/x cannot write/,
    ],
    ['the bucket does not exist', { store: folderStore('/nowhere') }, /outputDir \(--output\): Cannot list/],
  ] as const)(
    'are refused before the command runs if %s',
    async (_, options, message, outputDir: 's3://b/x' | 's3:/b/x' = 's3://b/x') => {
      const out = folder();
      const running = run(`touch ${out}/ran`, { outputDir, ...options });
      await expect(running).rejects.toThrow(message);
      await expect(running).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'outputDir' });
      expect(existsSync(join(out, 'ran'))).toBe(false);
    },
  );

  it.each([
    ['is the data', 's3://b/train'],
    ['is inside the data', 's3://b/train/out'],
    ['would match the prefix', 's3://b/train-2'],
    ['leads to the data', 's3://b', 's3://b/output/old'],
  ])('are refused if the URI %s', async (_, outputDir, data = 's3://b/train') => {
    const store = folderStore(bucket({ 'b/train/a': '1', 'b/output/old/a': '1' }));
    const job = { InputDataConfig: [channelOf('train', data)] };
    const refused = expect(run('true', { job, outputDir, store })).rejects;
    await refused.toThrow(/which is data of the channel "train"/);
  });
});

describe('checkpoints in a store', () => {
  it('are downloaded at the start and uploaded at the end', async () => {
    const root = bucket({ 'b/ckpt/kept': 'old', 'b/ckpt/sub/changed': 'old', 'b/ckpt-2/x': 'other' });
    const script = 'cd checkpoints; cat kept > copy; echo new > sub/changed';
    await run(script, { job: jobOf('s3://b/ckpt'), store: folderStore(root) });
    expect(filesOf(root)).toEqual({
      'b/ckpt/kept': 'old',
      'b/ckpt/copy': 'old',
      'b/ckpt/sub/changed': 'new\n',
      'b/ckpt-2/x': 'other',
    });
  });

  it('are uploaded while the command runs, and only if they have changed', async () => {
    const root = bucket({ 'b/ckpt/kept': 'old' });
    const store = folderStore(root);
    const created: string[] = [];
    const create: typeof store.create = (url, options) => {
      created.push(url);
      return store.create(url, options);
    };
    const watched: WritableStore = { ...store, create };
    const agent = await start(jobOf('s3://b/ckpt/'), { store: watched });
    writeFileSync(join(agent.baseDir, 'checkpoints/a'), 'saved');
    while (!existsSync(join(root, 'b/ckpt/a'))) await nextTurn();
    await agent.close();
    expect(created).toEqual(['s3://b/ckpt/a']);
  });

  it('are uploaded although one of them cannot be, which is reported once', async () => {
    const root = bucket();
    const store = folderStore(root);
    let refusals = 0;
    const create: typeof store.create = async (url, options) => {
      if (url !== 's3://b/ckpt/0' || refusals === 2) return store.create(url, options);
      refusals++;
      throw new Error('slow down');
    };
    const slow: WritableStore = { ...store, create };
    const failures: string[] = [];
    const onCheckpointFailure = ({ message }: Error) => failures.push(message);
    const agent = await start(jobOf('s3://b/ckpt'), { store: slow, onCheckpointFailure });
    for (const key of ['0', '1']) writeFileSync(join(agent.baseDir, 'checkpoints', key), key);
    await until(() => refusals > 0 && existsSync(join(root, 'b/ckpt/1')));
    await until(() => existsSync(join(root, 'b/ckpt/0')));
    await agent.close();
    expect(failures).toEqual([expect.stringMatching(/^Cannot copy the checkpoints of algo-1 .*: Error: slow down$/)]);
  });

  it('are uploaded although the file grows with each written part', async () => {
    const root = bucket();
    const store = folderStore(root);
    let path = '';
    let writes = 0;
    const create: typeof store.create = async (url, options) => {
      const writer = await store.create(url, options);
      const write: typeof writer.write = (bytes) => {
        // More calls mean that the upload never ends.
        if (++writes > 10) throw new Error('the upload follows the growing file');
        appendFileSync(path, bytes);
        return writer.write(bytes);
      };
      return { ...writer, write, finish: () => writer.finish(), abort: () => writer.abort() };
    };
    const watched: WritableStore = { ...store, create };
    const agent = await start(jobOf('s3://b/ckpt'), { store: watched });
    path = join(agent.baseDir, 'checkpoints/log');
    writeFileSync(path, 'x'.repeat(100));
    await until(() => existsSync(join(root, 'b/ckpt/log')));
    expect(readFileSync(join(root, 'b/ckpt/log'), 'utf8')).toBe('x'.repeat(100));
    writes = -Infinity;
    await agent.close();
  });

  it('are uploaded although the file is replaced during each upload', async () => {
    const root = bucket();
    const store = folderStore(root);
    let path = '';
    let replaced = 0;
    const create: typeof store.create = (url, options) => {
      writeFileSync(`${path}-new`, `${++replaced}`);
      renameSync(`${path}-new`, path);
      return store.create(url, options);
    };
    const watched: WritableStore = { ...store, create };
    const agent = await start(jobOf('s3://b/ckpt'), { store: watched });
    path = join(agent.baseDir, 'checkpoints/a');
    writeFileSync(path, '0');
    const stored = () => (existsSync(join(root, 'b/ckpt/a')) ? readFileSync(join(root, 'b/ckpt/a'), 'utf8') : '');
    await until(() => stored() === '0');
    await until(() => stored() === '1');
    await agent.close();
  });

  it('start although the unfinished uploads cannot be removed', async () => {
    const removeUnfinished = () => Promise.reject(new Error('denied'));
    const store: WritableStore = { ...folderStore(bucket({ 'b/ckpt/a': 'saved' })), removeUnfinished };
    const agent = await start(jobOf('s3://b/ckpt'), { store });
    expect(readFileSync(join(agent.baseDir, 'checkpoints/a'), 'utf8')).toBe('saved');
  });

  it.each(['../x', 'x/'])('must have keys that can be files: %s', async (key) => {
    const store = { ...folderStore(bucket()), list: memoryStore({ [`s3://b/ckpt/${key}`]: '1' }).list };
    await expect(start(jobOf('s3://b/ckpt'), { store })).rejects.toThrow(
      `the checkpoints: s3://b/ckpt/${key} cannot become a file`,
    );
  });

  it('are kept in the tree if they cannot be uploaded', async () => {
    const store = { ...folderStore(bucket()), create: () => Promise.reject(new Error('denied')) };
    const agent = await startLocalAgent(jobOf('s3://b/ckpt'), { store });
    writeFileSync(join(agent.baseDir, 'checkpoints/a'), 'saved');
    await expect(agent.close()).rejects.toThrow(
      `Cannot copy the checkpoints of algo-1 from ${agent.baseDir}/checkpoints to s3://b/ckpt/: Error: denied`,
    );
    expect(readFileSync(join(agent.baseDir, 'checkpoints/a'), 'utf8')).toBe('saved');
    rmSync(agent.baseDir, { recursive: true });
  });
});
