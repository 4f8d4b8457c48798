import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runLocalJob, type LocalHost, type LocalJobOptions } from 'millrace/agent';
import { until } from '../../support/fifoWriter.js';
import { channelOf, sharded, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

const LETTERS = { a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' };

/** Shell code that prints the name of the host. */
const HOST = `host=$(sed -n 's/.*"current_host": "\\(.*\\)".*/\\1/p' $SAGEMAKER_BASE_DIR/input/config/resourceconfig.json)`;

/** Runs a shell script on two hosts, and returns their trees. */
async function run(script: string, options: Partial<LocalJobOptions> = {}) {
  const hosts: LocalHost[] = [];
  const job = { InputDataConfig: [sharded(channelOf('train', folder(LETTERS)))] };
  const onStart = (host: LocalHost) => hosts.push(host);
  const args = ['-c', `${HOST}; ${script}`];
  const result = await runLocalJob({ job, hosts: 2, command: 'sh', args, onStart, ...options });
  return { ...result, hosts };
}

/** Waits until both hosts have made their file, or the job has ended. */
async function bothStarted(out: string, running: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = () => (isOver = true);
  running.then(over, over);
  const haveStarted = () => ['algo-1', 'algo-2'].every((name) => existsSync(join(out, name)));
  await until(() => haveStarted() || isOver);
}

describe('runHosts', () => {
  it('runs the command once for each host at the same time, and removes every tree', async () => {
    const out = folder();
    // Each host waits for the other.
    const script = `
      mkfifo ${out}/$host; case $host in algo-1) : > ${out}/$host;; algo-2) while [ ! -p ${out}/algo-1 ]; do :; done; : < ${out}/algo-1;; esac
      cat $SAGEMAKER_BASE_DIR/input/data/train_0 > ${out}/read-$host`;
    const { exitCode, failedHost, hosts } = await run(script);
    expect({ exitCode, failedHost }).toEqual({ exitCode: 0, failedHost: undefined });
    expect(['algo-1', 'algo-2'].map((name) => readFileSync(join(out, `read-${name}`), 'utf8'))).toEqual(['ace', 'bd']);
    expect(hosts.map(({ baseDir }) => existsSync(baseDir))).toEqual([false, false]);
  });

  it('ends the other hosts when one fails, and reports its name and reason', async () => {
    const script = `
      if [ $host = algo-2 ]; then echo no cheese > $SAGEMAKER_BASE_DIR/output/failure; exit 3; fi
      trap 'exit 0' TERM; while :; do sleep 0.01; done`;
    expect(await run(script)).toMatchObject({ exitCode: 3, failedHost: 'algo-2', failureReason: 'no cheese\n' });
  });

  it('gives the other hosts time to end', async () => {
    const out = folder();
    // algo-1 fails only after algo-2 has installed its signal handler.
    const script = `
      if [ $host = algo-1 ]; then : < ${out}/ready; exit 4; fi
      trap 'sleep 0.2; echo saved > ${out}/checkpoint; exit 0' TERM; : > ${out}/ready
      while :; do sleep 0.01; done`;
    execFileSync('mkfifo', [join(out, 'ready')]);
    expect(await run(script)).toMatchObject({ exitCode: 4, failedHost: 'algo-1' });
    expect(readFileSync(join(out, 'checkpoint'), 'utf8')).toBe('saved\n');
  });

  it('passes a stop signal to every host once', async () => {
    const out = folder();
    const script = `
      trap 'while [ $host = algo-2 ] && [ ! -e ${out}/ended ]; do sleep 0.01; done; echo $host >> ${out}/ended; exit 5' INT
      echo $host > ${out}/$host; while :; do sleep 0.01; done`;
    const running = run(script);
    await bothStarted(out, running);
    process.emit('SIGINT', 'SIGINT');
    expect(await running).toMatchObject({ exitCode: 5 });
    expect(readFileSync(join(out, 'ended'), 'utf8')).toBe('algo-1\nalgo-2\n');
  });

  it('ends all hosts when the data cannot be served', async () => {
    const data = folder(LETTERS);
    const job = { InputDataConfig: [channelOf('train', data)] };
    const script = `rm -f ${data}/c; cat $SAGEMAKER_BASE_DIR/input/data/train_0`;
    await expect(run(script, { job })).rejects.toThrow('Cannot serve train_0');
  });

  it('copies the results of each host to a folder with the name of the host', async () => {
    const outputDir = folder();
    await run('echo $host > $SAGEMAKER_BASE_DIR/model/m', { outputDir });
    expect(readdirSync(outputDir).sort()).toEqual(['algo-1', 'algo-2']);
    expect(readFileSync(join(outputDir, 'algo-2/model/m'), 'utf8')).toBe('algo-2\n');
  });

  it('keeps all trees with `keep`', async () => {
    const { hosts } = await run('true', { keep: true });
    for (const { baseDir } of hosts) {
      expect(existsSync(join(baseDir, 'input/config/resourceconfig.json'))).toBe(true);
      rmSync(baseDir, { recursive: true });
    }
  });

  it('rejects a command that cannot be run, and leaves no files', async () => {
    const hosts: LocalHost[] = [];
    const running = run('', { command: 'no-such-command', onStart: (host) => hosts.push(host) });
    await expect(running).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'command' });
    expect(hosts.map(({ baseDir }) => existsSync(baseDir))).toEqual([false, false]);
  });

  it('has one exit listener while it runs, and none afterwards', async () => {
    const before = process.listenerCount('exit');
    const out = folder();
    execFileSync('mkfifo', [join(out, 'go')]);
    const running = run(`echo > ${out}/$host; : < ${out}/go`);
    await bothStarted(out, running);
    expect(process.listenerCount('exit')).toBe(before + 1);
    process.emit('SIGTERM', 'SIGTERM');
    expect(await running).toMatchObject({ exitCode: 143 });
    expect(process.listenerCount('exit')).toBe(before);
  });

  it.each([
    ['no host', { hosts: 0 }, 'hosts'],
    ['half a host', { hosts: 1.5 }, 'hosts'],
    ['an empty root', { manifestRoot: '' }, 'manifestRoot'],
  ])('refuses %s', async (_, options, path) => {
    await expect(run('true', options)).rejects.toMatchObject({ code: 'ERR_CONFIG', path });
  });
});
