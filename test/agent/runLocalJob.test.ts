import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ConfigError } from 'millrace';
import { runLocalJob, type LocalHost, type LocalJobOptions, type ServedEpoch } from 'millrace/agent';
import { until } from '../support/fifoWriter.js';
import { channelOf, temporaryFolders } from './temporaryJob.js';

const folder = temporaryFolders();

/** Runs a shell script as the job's command, and returns the path of its tree. */
async function run(script: string, options: Partial<LocalJobOptions> = {}) {
  let baseDir = '';
  const job = { InputDataConfig: [channelOf('train', folder({ a: 'some data' }))] };
  const onStart = (host: LocalHost) => (baseDir = host.baseDir);
  const result = await runLocalJob({ job, command: 'sh', args: ['-c', script], onStart, ...options });
  return { ...result, baseDir };
}

describe('runLocalJob', () => {
  it('runs the command on the tree, and removes the tree', async () => {
    const out = folder();
    const epochs: ServedEpoch[] = [];
    const script = `cat $SAGEMAKER_BASE_DIR/input/data/train_0 $SAGEMAKER_BASE_DIR/input/data/train_1 > ${out}/read`;
    const { exitCode, baseDir } = await run(script, { onEpoch: (epoch) => epochs.push(epoch) });
    expect(exitCode).toBe(0);
    expect(readFileSync(join(out, 'read'), 'utf8')).toBe('some datasome data');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(existsSync(baseDir)).toBe(false);
  });

  it('gives the command this environment, the working directory, and the variables of the platform', async () => {
    const out = folder();
    const job = {
      TrainingJobName: 'digits',
      InputDataConfig: [channelOf('train', folder({ a: '1' }))],
      Environment: { COLOUR: 'two words', HOME: '/home/job' },
    };
    process.env['MILLRACE_TEST_INHERITED'] = 'inherited';
    const script = `
      cd_to=$(pwd)
      printf '%s|' "$cd_to" "$MILLRACE_TEST_INHERITED" "$COLOUR" "$HOME" "$TRAINING_JOB_NAME" "$SAGEMAKER_BASE_DIR" > ${out}/env`;
    const { baseDir } = await run(script, { job }).finally(() => delete process.env['MILLRACE_TEST_INHERITED']);
    const expected = [process.cwd(), 'inherited', 'two words', '/home/job', 'digits', baseDir, ''];
    expect(readFileSync(join(out, 'env'), 'utf8').split('|')).toEqual(expected);
  });

  it('refuses a file in the place of the folder for results, before it runs the command', async () => {
    const outputDir = join(folder({ a: 'a file' }), 'a');
    const refused = expect(run('exit 0', { outputDir })).rejects;
    await refused.toThrow(ConfigError);
    await expect(run('exit 0', { outputDir })).rejects.toThrow(
      /^outputDir \(--output\): expected a folder, .*: there is a file of this name/,
    );
  });

  it.each([
    ['exit 0', 0],
    ['exit 3', 3],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
  ])('returns the exit code of %s', async (script, exitCode) => {
    expect(await run(script)).toMatchObject({ exitCode, failureReason: undefined });
  });

  it('reads the failure reason only after a failure', async () => {
    const write = 'printf %02000d 7 > $SAGEMAKER_BASE_DIR/output/failure';
    expect((await run(`${write}; exit 1`)).failureReason).toBe('0'.repeat(1024));
    expect((await run(write)).failureReason).toBe(undefined);
  });

  it('copies the results of the command, also after a failure', async () => {
    const outputDir = join(folder(), 'new/folder');
    const script = 'cd $SAGEMAKER_BASE_DIR; echo m > model/m; ln -s m model/latest; echo d > output/data/d; exit 1';
    await run(script, { outputDir });
    expect(readdirSync(outputDir, { recursive: true }).sort()).toEqual(
      ['model', 'model/latest', 'model/m', 'output', 'output/data', 'output/data/d'].sort(),
    );
    expect(readFileSync(join(outputDir, 'model/latest'), 'utf8')).toBe('m\n');
  });

  it('keeps the tree when the results cannot be copied', async () => {
    const outputDir = folder({ model: 'a file where a folder should come' });
    let baseDir = '';
    const running = run('echo m > $SAGEMAKER_BASE_DIR/model/m', {
      outputDir,
      onStart: (host) => (baseDir = host.baseDir),
    });
    await expect(running).rejects.toThrow('results remain in');
    await expect(running).rejects.toMatchObject({ code: 'ERR_AGENT' });
    expect(readFileSync(join(baseDir, 'model/m'), 'utf8')).toBe('m\n');
    rmSync(baseDir, { recursive: true });
  });

  it('keeps the tree with `keep`', async () => {
    const { baseDir } = await run('true', { keep: true });
    expect(existsSync(join(baseDir, 'input/config/resourceconfig.json'))).toBe(true);
    rmSync(baseDir, { recursive: true });
  });

  it('kills processes that the command leaves running', async () => {
    const out = folder();
    const { exitCode } = await run(
      `mkfifo ${out}/f; (trap '' TERM INT HUP; : > ${out}/f; sleep 1000) & : < ${out}/f; echo $! > ${out}/pid`,
    );
    expect(exitCode).toBe(0);
    const status = `/proc/${readFileSync(join(out, 'pid'), 'utf8').trim()}/stat`;
    // The process is gone or a zombie.
    const isAlive = () => existsSync(status) && !/\) [ZX] /.test(readFileSync(status, 'utf8'));
    await until(() => !isAlive());
  });

  it('ends the command and throws when the data cannot be served', async () => {
    const data = folder({ a: '1' });
    const job = { InputDataConfig: [channelOf('train', data)] };
    const out = folder();
    const script = `rm ${data}/a; cat $SAGEMAKER_BASE_DIR/input/data/train_0; echo end > ${out}/reached`;
    let baseDir = '';
    const running = run(script, { job, onStart: (host) => (baseDir = host.baseDir) });
    await expect(running).rejects.toThrow('train_0');
    await expect(running).rejects.toMatchObject({ code: 'ERR_AGENT' });
    expect(existsSync(join(out, 'reached'))).toBe(false);
    expect(existsSync(baseDir)).toBe(false);
  });

  it('rejects a command that cannot be run, and leaves no files', async () => {
    let baseDir = '';
    const running = run('', { command: 'no-such-command', onStart: (host) => (baseDir = host.baseDir) });
    await expect(running).rejects.toThrow(ConfigError);
    await expect(running).rejects.toThrow('Cannot run no-such-command: spawn no-such-command ENOENT');
    expect(existsSync(baseDir)).toBe(false);
  });

  it.each([
    ['an empty command', { command: '' }, 'command'],
    ['a negative grace period', { graceMs: -1 }, 'graceMs'],
    ['a grace period beyond what timers hold', { graceMs: 2 ** 31 }, 'graceMs'],
  ])('refuses %s', async (_, options, path) => {
    await expect(run('true', options)).rejects.toMatchObject({ code: 'ERR_CONFIG', path });
  });

  it('rejects an output folder that cannot be made, before it starts anything', async () => {
    const out = folder({ file: '' });
    await expect(run(`touch ${out}/ran`, { outputDir: join(out, 'file/below') })).rejects.toThrow(
      /a part of the path is a file|there is a file/,
    );
    expect(existsSync(join(out, 'ran'))).toBe(false);
  });

  it('refuses an output folder inside the data, before it creates the folder', async () => {
    const data = folder({ a: '1' });
    const job = { InputDataConfig: [channelOf('train', data)] };
    const outputDir = join(data, 'result');
    const running = run(`touch ${data}/ran`, { job, outputDir });
    await expect(running).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'outputDir' });
    await expect(running).rejects.toThrow(`outputDir (--output): the folder ${outputDir}/model is inside ${data}`);
    expect(readdirSync(data)).toEqual(['a']);
  });

  it('ends at a signal before the command is started', async () => {
    const out = folder();
    const trees: string[] = [];
    const running = run(`touch ${out}/ran`, { onStart: ({ baseDir }) => trees.push(baseDir) });
    process.emit('SIGTERM', 'SIGTERM');
    expect(await running).toMatchObject({ exitCode: 143, failedHost: undefined });
    expect([existsSync(join(out, 'ran')), trees]).toEqual([false, []]);
  });

  it.each([
    ['kill -KILL $$', 'was ended by SIGKILL: there may have been too little memory.'],
    ['kill -ABRT $$', 'was ended by SIGABRT: the heap of Node.js may have been full.'],
    [
      `sh -c 'kill -KILL $$'; exit $?`,
      'ended with exit code 137. A shell returns this exit code if SIGKILL ended its command: there may have been too little memory.',
    ],
    ['kill -USR1 $$', 'was ended by SIGUSR1: millrace did not send this signal'],
  ])('reports how %s ended the command', async (script, remark) => {
    expect((await run(script)).remark).toContain(remark);
  });

  it('has no remark on a command that ends normally', async () => {
    expect((await run('exit 3')).remark).toBe(undefined);
  });

  it('leaves no listener for signals, whether it succeeds or fails', async () => {
    const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'].map((name) => process.listenerCount(name));
    const before = listeners();
    const during: number[][] = [];
    await run('true', { onStart: () => during.push(listeners()) });
    await run('', { command: 'no-such-command' }).catch(() => undefined);
    expect(during).toEqual([before.map((count, index) => count + (index < 3 ? 1 : 0))]);
    expect(listeners()).toEqual(before);
  });
});
