import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { runLocalJob, startLocalAgent, type LocalJobOptions, type TrainingJobRequest } from 'millrace/agent';
import { temporaryAgents } from '../temporaryAgents.js';
import { channelOf, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();
const start = temporaryAgents();

/** A job that keeps its checkpoints in a folder. */
const jobOf = (
  S3Uri: string,
  more: Partial<NonNullable<TrainingJobRequest['CheckpointConfig']>> = {},
): TrainingJobRequest => ({
  InputDataConfig: [channelOf('train', folder({ a: '1' }))],
  CheckpointConfig: { S3Uri, ...more },
});

/** Runs a shell script in the folder of the checkpoints. */
function run(store: string, script: string, options: Partial<LocalJobOptions> = {}) {
  const args = ['-c', `cd $SAGEMAKER_BASE_DIR/checkpoints; ${script}`];
  return runLocalJob({ job: jobOf(store), command: 'sh', args, ...options });
}

/** Runs a script, and interrupts it after it writes to the FIFO `$ready`. */
async function runInterrupted(store: string, script: string, options: Partial<LocalJobOptions> = {}) {
  const ready = join(folder(), 'ready');
  execFileSync('mkfifo', [ready]);
  let started: () => void = () => undefined;
  const start = new Promise<void>((resolve) => {
    started = resolve;
  });
  const result = run(store, `ready=${ready}; ${script}`, { ...options, interruptAfterMs: 1, onStart: () => started() });
  await Promise.race([start, result]);
  // Blocks this thread, so the timer of the interruption cannot fire earlier.
  execFileSync('cat', [ready], { timeout: 60_000 });
  return result;
}

const filesOf = (store: string) =>
  Object.fromEntries(
    readdirSync(store, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(store.length + 1),
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ]),
  );

describe('the checkpoints of a local job', () => {
  it('are copied to the tree at the start and to their folder at the end', async () => {
    const store = folder({ kept: 'old', 'sub/changed': 'old' });
    const { exitCode } = await run(
      store,
      `cat kept > copy; echo new > sub/changed; mkdir -p more; echo added > more/added`,
    );
    expect(exitCode).toBe(0);
    expect(filesOf(store)).toEqual({ kept: 'old', copy: 'old', 'sub/changed': 'new\n', 'more/added': 'added\n' });
  });

  it('are copied to a new folder, also when the command fails', async () => {
    const store = join(folder(), 'new/folder');
    await run(store, 'echo saved > a; exit 1');
    expect(filesOf(store)).toEqual({ a: 'saved\n' });
  });

  it('stay in their folder when the command removes its copies', async () => {
    const store = folder({ old: 'old' });
    await run(store, 'rm old');
    expect(filesOf(store)).toEqual({ old: 'old' });
  });

  it('are in the folder that LocalPath names', async () => {
    const store = folder({ a: 'there' });
    const agent = await start(jobOf(store, { LocalPath: '/opt/ml/my/checkpoints/' }));
    expect(readFileSync(join(agent.baseDir, 'my/checkpoints/a'), 'utf8')).toBe('there');
  });

  it('are not written through a link in their folder', async () => {
    const [store, other] = [folder(), folder({ kept: '1' })];
    symlinkSync(other, join(store, 'ln'));
    await expect(run(store, 'mkdir -p ln/sub; echo 2 > ln/sub/new')).rejects.toThrow(
      `expected a folder at ${store}/ln, found a symbolic link`,
    );
    expect(filesOf(other)).toEqual({ kept: '1' });
  });

  it('replace a link to a file, and do not change the file', async () => {
    const [store, other] = [folder(), folder({ kept: '1' })];
    symlinkSync(join(other, 'kept'), join(store, 'a'));
    await run(store, 'echo 2 > a');
    expect([filesOf(store), filesOf(other)]).toEqual([{ a: '2\n' }, { kept: '1' }]);
  });

  it('are copied while the command runs', async () => {
    const store = folder();
    const agent = await start(jobOf(store));
    writeFileSync(join(agent.baseDir, 'checkpoints/a'), 'saved');
    while (!existsSync(join(store, 'a'))) await turn();
    expect(filesOf(store)).toEqual({ a: 'saved' });
  });

  it('of several hosts are in one folder, and each host starts with all of them', async () => {
    const store = folder({ 'cursor-algo-1': '1' });
    const script = `
      host=$(sed -n 's/.*"current_host": "\\(.*\\)".*/\\1/p' ../input/config/resourceconfig.json)
      ls > seen-by-$host; echo 2 > cursor-$host`;
    await run(store, script, { hosts: 2 });
    expect(filesOf(store)).toEqual({
      'cursor-algo-1': '2\n',
      'cursor-algo-2': '2\n',
      'seen-by-algo-1': 'cursor-algo-1\nseen-by-algo-1\n',
      'seen-by-algo-2': 'cursor-algo-1\nseen-by-algo-2\n',
    });
  });

  it('survive an interruption, and the next run starts with them', async () => {
    const store = folder();
    // Without a checkpoint, the script works until the interruption.
    const script = `[ -e step ] && { cat step >> ../model/m; exit 0; }
      trap 'echo 7 > step; exit 3' TERM; : > $ready; while :; do sleep 0.01; done`;
    expect(await runInterrupted(store, script)).toMatchObject({ exitCode: 75, interrupted: true });
    expect(filesOf(store)).toEqual({ step: '7\n' });
    expect(await run(store, script, { interruptAfterMs: 100_000 })).toMatchObject({ exitCode: 0, interrupted: false });
  });

  it('are lost if the command ignores the interruption, and a remark reports that it was killed', async () => {
    const script = `trap '' TERM; : > $ready; while :; do sleep 0.01; done`;
    const result = await runInterrupted(folder(), script, { graceMs: 1 });
    expect(result).toMatchObject({ exitCode: 75, interrupted: true });
    expect(result.remark).toContain('did not end within 0.001 s after SIGTERM');
  });

  it('are kept in the tree if they cannot be copied', async () => {
    const store = folder();
    const agent = await startLocalAgent(jobOf(store));
    writeFileSync(join(agent.baseDir, 'checkpoints/a'), 'saved');
    rmSync(store, { recursive: true });
    writeFileSync(store, '');
    const closing = agent.close();
    await expect(closing).rejects.toMatchObject({ code: 'ERR_AGENT' });
    await expect(closing).rejects.toThrow(
      `Cannot copy the checkpoints of algo-1 from ${agent.baseDir}/checkpoints to ${store}`,
    );
    expect(readFileSync(join(agent.baseDir, 'checkpoints/a'), 'utf8')).toBe('saved');
    rmSync(agent.baseDir, { recursive: true });
  });

  it.each(['/opt/ml', '/opt/ml/input/data', '/opt/ml/../x', '/tmp', 'checkpoints'])(
    'reject the LocalPath %s',
    async (LocalPath) => {
      const starting = start(jobOf(folder(), { LocalPath }));
      await expect(starting).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'CheckpointConfig.LocalPath' });
      await expect(starting).rejects.toThrow('expected a folder inside /opt/ml');
    },
  );

  it('reject a folder that cannot be made or that no map covers', async () => {
    const path = 'CheckpointConfig.S3Uri';
    const file = folder({ a: '' });
    await expect(start(jobOf(join(file, 'a')))).rejects.toMatchObject({ code: 'ERR_CONFIG', path });
    await expect(start(jobOf('s3://bucket/checkpoints'))).rejects.toThrow('--map s3://bucket/checkpoints=<folder>');
    const map = { 's3://bucket': join(file, 'bucket') };
    mkdirSync(join(file, 'bucket'));
    await start(jobOf('s3://bucket/checkpoints'), { map });
    expect(readdirSync(join(file, 'bucket'))).toEqual(['checkpoints']);
  });
});
