import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { channelOf, manifestChannel, sharded, temporaryFolders } from '../agent/temporaryJob.js';
import { until } from '../support/fifoWriter.js';
import { startMillrace } from './millrace.js';
import { runMillrace } from './runMillrace.js';

const newFolder = temporaryFolders();

/** Makes a folder with a job and its data, and a temporary folder for the agent. */
function jobFolder(job: object = {}) {
  const content = JSON.stringify({ InputDataConfig: [channelOf('train', 'data')], ...job });
  const folder = newFolder({ 'job.json': content, 'data/a': 'some ', 'data/b': 'data\n' });
  const tmp = newFolder();
  const path = join(folder, 'job.json');
  return {
    folder,
    left: () => readdirSync(tmp),
    start: (flags: string[], ...command: string[]) =>
      startMillrace(['local', path, ...flags, '--', ...command], { TMPDIR: tmp }),
    /** Runs the job in this process. */
    run: (flags: string[], ...command: string[]) =>
      runMillrace(['local', path, ...flags, '--', ...command], { environment: { TMPDIR: tmp } }),
    tmp,
  };
}

const node = (script: string) => [process.execPath, '-e', script];

/** A training script with a grandchild that writes to the same output and ignores signals. */
const stubborn = (onSignal: string) =>
  node(`
    const sleeper = "trap '' TERM INT HUP; echo ready; while :; do sleep 1000; done";
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, ${onSignal});
    require('node:child_process').spawn('sh', ['-c', sleeper], { stdio: 'inherit' });
  `);

describe('millrace local', () => {
  it('runs the command on local data, and ends with its exit code', async () => {
    const { start, left } = jobFolder();
    const { ended } = start([], 'sh', '-c', 'cat $SAGEMAKER_BASE_DIR/input/data/train_0; exit 5');
    // A pipe takes small data at once, so millrace does not know how much the command has read.
    const stderr = expect.stringMatching(
      /^millrace: the command may not have read train_0 to its end\. .* --explain train_0:byte:<n>` .*\n$/,
    );
    expect(await ended).toEqual({ exitCode: 5, stdout: 'some data\n', stderr });
    expect(left()).toEqual([]);
  });

  it('writes a page of how long the command waited for each channel and host', async () => {
    const job = { InputDataConfig: [channelOf('train', 'data'), channelOf('test', 'data')] };
    const { run, folder, left } = jobFolder(job);
    const [page, trace] = [join(folder, 'report.html'), join(folder, 'trace.json')];
    const read = 'cd $SAGEMAKER_BASE_DIR/input/data; cat train_0 train_1 test_0 > /dev/null';
    const { exitCode, stderr } = await run(['--hosts', '2', '--page', page, '--trace', trace], 'sh', '-c', read);
    expect([exitCode, stderr]).toEqual([0, '']);
    const html = readFileSync(page, 'utf8');
    const hosts = Array.from(html.matchAll(/<th scope="row">(.*?)<\/th>/g), ([, name]) => name);
    expect(hosts).toEqual(['test of algo-1', 'test of algo-2', 'train of algo-1', 'train of algo-2']);
    expect(readFileSync(trace, 'utf8')).toContain('"name":"millrace: the command"');
    expect(left()).toEqual([]);
  });

  it('serves a live page while the command runs', async () => {
    const { start } = jobFolder();
    const running = start(
      ['--live', '--json'],
      'sh',
      '-c',
      'cat $SAGEMAKER_BASE_DIR/input/data/train_0; exec tail -f /dev/null',
    );
    const stderr = await running.complained(/\n/);
    const { message } = JSON.parse(stderr.split('\n')[0] ?? '') as { readonly message: string };
    const [url = ''] = /http:.*/.exec(message) ?? [];
    expect(await (await fetch(url)).text()).toContain('<title>Report: the command</title>');
    running.kill('SIGTERM');
    await running.ended;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('rejects --page for a job without FIFOs, and says if the command opened none', async () => {
    const page = join(newFolder(), 'report.html');
    const inFileMode = jobFolder({ AlgorithmSpecification: { TrainingInputMode: 'File' } });
    const rejected = await inFileMode.run(['--page', page], 'true');
    expect([rejected.exitCode, rejected.stderr]).toEqual([2, expect.stringContaining('set TrainingInputMode')]);
    const { stderr } = await jobFolder().run(['--page', page], 'true');
    expect(stderr).toBe('millrace: the command opened no FIFO, so --page and --trace wrote nothing\n');
  });

  it('reads buckets below --s3-root, and names the remedies if no flag covers a URI', async () => {
    const { run } = jobFolder({ InputDataConfig: [channelOf('train', 's3://bucket/train')] });
    const root = newFolder({ 'bucket/train/a': 'from the root' });
    const read = ['sh', '-c', `cat $SAGEMAKER_BASE_DIR/input/data/train_0 > ${join(root, 'read')}`] as const;
    expect(await run(['--s3-root', root], ...read)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(root, 'read'), 'utf8')).toBe('from the root');
    const { exitCode, stderr } = await run([], ...read);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/s3:\/\/bucket\/train is in S3\. .*--store s3 .*--map .* --s3-root /);
  });

  it('exits with code 1 and keeps the folder if checkpoints cannot be copied at the end', async () => {
    const store = join(newFolder(), 'ckpt');
    const { run } = jobFolder({ CheckpointConfig: { S3Uri: store } });
    const script = `echo 1 > $SAGEMAKER_BASE_DIR/checkpoints/step; rm -r ${store}; : > ${store}`;
    const { exitCode, stderr } = await run([], 'sh', '-c', script);
    expect(exitCode).toBe(1);
    const [, kept = ''] =
      /^millrace: Cannot copy the checkpoints of algo-1 from (.*)\/checkpoints to .*\/ckpt: /m.exec(stderr) ?? [];
    expect(readFileSync(join(kept, 'checkpoints/step'), 'utf8')).toBe('1\n');
    rmSync(kept, { recursive: true });
  });

  it('warns once while checkpoints cannot be copied, and succeeds if they can be copied later', async () => {
    const store = newFolder();
    const { run, folder } = jobFolder({ CheckpointConfig: { S3Uri: store } });
    const script = `
      rm -r ${store}; : > ${store}
      echo 1 > $SAGEMAKER_BASE_DIR/checkpoints/step
      until [ -e ${folder}/repaired ]; do sleep 0.01; done`;
    const running = run([], 'sh', '-c', script);
    // `run` replaced the stream.
    const { stderr } = process as unknown as { readonly stderr: { readonly text: string } };
    await until(() => stderr.text !== '');
    rmSync(store);
    writeFileSync(join(folder, 'repaired'), '');
    expect(await running).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringMatching(
        /^millrace: Cannot copy the checkpoints .* tries again every second, and once more at the end of the job\n$/,
      ),
    });
    expect(readFileSync(join(store, 'step'), 'utf8')).toBe('1\n');
  });

  it('passes options after -- to the command unchanged', async () => {
    const { start } = jobFolder();
    const { ended } = start([], 'printf', '%s,', '--keep', '--', '--verbose', '$HOME', 'two words');
    expect((await ended).stdout).toBe('--keep,--,--verbose,$HOME,two words,');
  });

  it('reports each epoch with --verbose', async () => {
    const { start } = jobFolder();
    const { ended } = start(
      ['--verbose'],
      'sh',
      '-c',
      'cd $SAGEMAKER_BASE_DIR/input/data; cat train_0 train_1 > /dev/null',
    );
    expect((await ended).stderr).toBe('millrace: train epoch 0: 10 bytes\nmillrace: train epoch 1: 10 bytes\n');
  });

  it('writes epochs, messages and the result as lines of JSON with --json', async () => {
    const script = 'cat $SAGEMAKER_BASE_DIR/input/data/train_0; exit 3';
    const { stdout, stderr } = await jobFolder().start(['--verbose', '--json'], 'sh', '-c', script).ended;
    expect(stdout).not.toContain('{');
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ channel: 'train', epoch: 0, complete: true }),
      { message: expect.stringContaining('--explain') },
      { exitCode: 3, interrupted: false, failedHost: 'algo-1' },
    ]);
  });

  it('causes the faults of the job, and reports them with --verbose', async () => {
    const { start } = jobFolder({ faults: [{ kind: 'cut', channel: 'train', epochs: [1], afterBytes: 4 }] });
    const script = 'cd $SAGEMAKER_BASE_DIR/input/data; cat train_0 train_1';
    const { stdout, stderr } = await start(['--verbose'], 'sh', '-c', script).ended;
    expect(stdout).toBe('some data\nsome');
    expect(stderr).toBe('millrace: train epoch 0: 10 bytes\nmillrace: train epoch 1: 4 bytes, with the faults cut\n');
  });

  it('continues when its standard error is closed', async () => {
    const { start, left } = jobFolder();
    const script =
      'cat $SAGEMAKER_BASE_DIR/input/data/train_0 > /dev/null; cat $SAGEMAKER_BASE_DIR/input/data/train_1; kill -TERM $$';
    const running = start(['--verbose'], 'sh', '-c', script);
    running.closeStderr();
    expect(await running.ended).toMatchObject({ exitCode: 143 });
    expect(left()).toEqual([]);
  });

  it('prints the failure reason', async () => {
    const { start } = jobFolder();
    const { ended } = start([], 'sh', '-c', 'echo out of cheese > $SAGEMAKER_BASE_DIR/output/failure; exit 1');
    expect(await ended).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'millrace: the command failed: out of cheese\n',
    });
  });

  it('keeps the tree with --keep and copies the results with --output', async () => {
    const { start, left, folder, tmp } = jobFolder();
    const { ended } = start(
      ['--keep', '--output', join(folder, 'out')],
      'sh',
      '-c',
      'touch $SAGEMAKER_BASE_DIR/model/m',
    );
    const { stderr } = await ended;
    expect(left()).toHaveLength(1);
    expect(stderr).toBe(`millrace: the job's folder is ${join(tmp, left()[0]!)}. It is kept\n`);
    expect(readdirSync(join(folder, 'out', 'model'))).toEqual(['m']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on, waits for the command, kills its remaining processes, and removes everything',
    async (signal) => {
      const { start, left } = jobFolder();
      const running = start([], ...stubborn(`(name) => { console.log('saving after ' + name); process.exit(7) }`));
      await running.said('ready');
      expect(left()).toHaveLength(1);
      running.kill(signal);
      // The output ends only when the grandchild has ended, too.
      expect(await running.ended).toEqual({ exitCode: 7, stdout: `ready\nsaving after ${signal}\n`, stderr: '' });
      expect(left()).toEqual([]);
    },
  );

  it.each([
    [['node', 'train.js', '--epochs', '3'], '-- node train.js --epochs 3'],
    [['--keep', '--hosts', '2', 'node', 'two words.js', '--keep'], `--keep --hosts 2 -- node 'two words.js' --keep`],
  ])('guesses the place of the missing -- in %j', async (words, guess) => {
    const { folder, left } = jobFolder();
    const path = join(folder, 'job.json');
    const { exitCode, stdout, stderr } = await runMillrace(['local', path, ...words]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^millrace: write "--" before the training command\. Did you mean\n/);
    expect(stderr).toContain(`  millrace local ${path} ${guess}\n`);
    expect(left()).toEqual([]);
  });

  it('accepts a command without options and without --', async () => {
    const { folder } = jobFolder();
    const { ended } = startMillrace(['local', join(folder, 'job.json'), '--toolkit-env', 'echo', 'here']);
    expect(await ended).toEqual({ exitCode: 0, stdout: 'here\n', stderr: '' });
  });

  it('reports the signal that ended a command', async () => {
    const { start } = jobFolder();
    const { stderr } = await start([], 'sh', '-c', 'kill -KILL $$').ended;
    expect(stderr).toMatch(
      /^millrace: the command was ended by SIGKILL: there may have been too little memory\. .*\n$/,
    );
  });

  it('names the process that did not receive SIGTERM from a wrapper', async () => {
    const { start, left } = jobFolder();
    const script = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); console.log('ready')";
    const running = start(
      [],
      'sh',
      '-c',
      `"$1" -e "$2"; :`,
      'wrapper',
      ...node(script).filter((word) => word !== '-e'),
    );
    await running.said('ready');
    running.kill('SIGTERM');
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(143);
    expect(stderr).toMatch(
      /^millrace: the command did not forward SIGTERM to its child process: SIGTERM ended sh, and process \d+ \(.*'ready'\)\)/,
    );
    expect(stderr).toContain('Start the script directly');
    expect(left()).toEqual([]);
  });

  it('signals only the command, once, as SageMaker does', async () => {
    const { start } = jobFolder();
    const child =
      "process.on('SIGTERM', () => console.log('child told')); process.stdin.on('end', () => process.exit()).resume()";
    const parent = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${child}; console.log('ready')`)}], { stdio: ['pipe', 'inherit', 'inherit'] });
      process.on('SIGTERM', () => { console.log('told'); child.stdin.end(); child.on('close', () => process.exit(0)); });`;
    const running = start([], ...node(parent));
    await running.said('ready');
    running.kill('SIGTERM');
    expect(await running.ended).toEqual({ exitCode: 0, stdout: 'ready\ntold\n', stderr: '' });
  });

  it('leaves only files after SIGKILL that the next job removes', async () => {
    const { start, left } = jobFolder();
    // The agent ends an epoch only after it starts the command, so the command is guarded then.
    const readFirst = 'cat $SAGEMAKER_BASE_DIR/input/data/train_0 > /dev/null';
    const running = start([], 'sh', '-c', `${readFirst}; echo ready; sleep 1000; :`);
    await running.said('ready');
    running.kill('SIGKILL');
    // The output ends only when the command and its children have ended.
    await running.ended;
    expect(left()).toHaveLength(1);
    expect(await start([], 'true').ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(left()).toEqual([]);
  });

  it.each(['0', '101', '2.5'])('refuses --hosts %s', async (hosts) => {
    const { exitCode, stderr } = await jobFolder().run(['--hosts', hosts], 'true');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Expected a number of hosts from 1 to 100.');
  });

  it('ends with 128 plus the number of the signal that ended the command', async () => {
    const { start, left } = jobFolder();
    const running = start([], 'sh', '-c', 'echo ready; sleep 1000; :');
    await running.said('ready');
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ exitCode: 143 });
    expect(left()).toEqual([]);
  });

  it('kills a command that has not ended after the grace period', async () => {
    const { start, left } = jobFolder();
    const running = start(['--grace-seconds', '0.05'], ...stubborn('() => undefined'));
    await running.said('ready');
    running.kill('SIGTERM');
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(137);
    expect(stderr).toMatch(/^millrace: the command did not end within 0\.05 s after SIGTERM, so it was killed\..*\n$/);
    expect(left()).toEqual([]);
  });

  it('kills the command at once at a second interruption', async () => {
    const { start, left } = jobFolder();
    // Two signals within a tenth of a second count as one.
    const running = start([], ...stubborn(`() => setTimeout(() => console.log('still here'), 200)`));
    await running.said('ready');
    running.kill('SIGINT');
    await running.said('still here');
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject({ exitCode: 137, stderr: '' });
    expect(left()).toEqual([]);
  });

  it('ends with 2 and names the wrong key of the job, without a stack', async () => {
    const { run, left } = jobFolder({ InputDataConfig: [channelOf('train', 's3://bucket/train')] });
    const { exitCode, stdout, stderr } = await run([], 'true');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(
      /^millrace: channel "train": s3:\/\/bucket\/train is in S3.*--map s3:\/\/bucket\/train=<folder>.*aws s3 cp/,
    );
    expect(stderr).toContain('InputDataConfig[0].DataSource.S3DataSource.S3Uri');
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(left()).toEqual([]);
  });

  it.each([[[]], [['--', 'true']]])('says in one line how to run a pipeline, with the command %j', async (command) => {
    const { folder } = jobFolder();
    const pipeline = join(folder, 'pipeline.json');
    writeFileSync(pipeline, JSON.stringify({ channels: { train: {} } }));
    expect(await runMillrace(['local', pipeline, ...command])).toEqual({
      ...{ exitCode: 2, stdout: '' },
      stderr: `millrace: ${pipeline} is a pipeline, not a training job: run it with millrace run ${pipeline}\n`,
    });
  });

  it('refuses an empty path', async () => {
    const { exitCode, stderr } = await runMillrace(['local', '', '--', 'true']);
    expect([exitCode, stderr]).toEqual([2, 'millrace: <job.json>: expected a path, found ""\n']);
  });

  it('reads folders instead of S3 with one or more --map', async () => {
    const { start, folder } = jobFolder({
      InputDataConfig: [channelOf('train', 's3://bucket/digits/train'), channelOf('other', 's3://second/x')],
    });
    const maps = [`s3://bucket/digits/train=${folder}/data/a`, `s3://second/x=${folder}/data/b`];
    const flags = maps.flatMap((map) => ['--map', map]);
    const { ended } = start(flags, 'sh', '-c', 'cd $SAGEMAKER_BASE_DIR/input/data; cat train_0 other_0');
    expect(await ended).toEqual({ exitCode: 0, stdout: 'some data\n', stderr: '' });
  });

  it.each(['data', 's3://bucket/a', 'gs://bucket=data', 's3://=data'])('refuses --map %s', async (map) => {
    const { exitCode, stderr } = await jobFolder().run(['--map', map], 'true');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Expected s3://bucket/prefix=folder.');
  });

  it('interrupts the job with --interrupt-after, ends with 75, and names the checkpoints', async () => {
    const { start, folder, left } = jobFolder({ CheckpointConfig: { S3Uri: 'kept' } });
    const script = `trap 'echo saved > $SAGEMAKER_BASE_DIR/checkpoints/a; exit 0' TERM; while :; do sleep 0.01; done`;
    const { exitCode, stderr } = await start(['--interrupt-after', '2'], 'sh', '-c', script).ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 75,
      stderr:
        'millrace: interrupted after 2 s, like a spot instance. The command then ended with exit code 0. If the training is not complete, ' +
        'run the command again without --interrupt-after. The next run continues with the checkpoints in kept\n',
    });
    expect(readFileSync(join(folder, 'kept/a'), 'utf8')).toBe('saved\n');
    expect(left()).toEqual([]);
  });

  it('reports that an interrupted job without a CheckpointConfig starts from the beginning', async () => {
    const { start } = jobFolder();
    const { stderr } = await start(['--interrupt-after', '0.1'], 'sleep', '1000').ended;
    expect(stderr).toContain(
      'To continue, run the command again without --interrupt-after. The job has no CheckpointConfig, so the next run starts from the beginning',
    );
  });

  it.each([0, 3])('reports that a command which ended by itself with %d was not interrupted', async (exitCode) => {
    expect(await jobFolder().run(['--interrupt-after', '1000'], 'sh', '-c', `exit ${exitCode}`)).toEqual({
      ...{ exitCode, stdout: '' },
      stderr: 'millrace: the command ended within the 1000 s of --interrupt-after, so the job was not interrupted\n',
    });
  });

  it('says how to find a bad file after a command that failed within an epoch', async () => {
    const { start, folder } = jobFolder();
    writeFileSync(join(folder, 'data/c'), Buffer.alloc(2 ** 20));
    const job = join(folder, 'job.json');
    const script = 'head -c 1 $SAGEMAKER_BASE_DIR/input/data/train_0 > /dev/null; exit 5';
    const { exitCode, stderr } = await start([], 'sh', '-c', script).ended;
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^millrace: the command did not read train_0 to its end\. .*\n$/);
    expect(stderr).toContain(`millrace local ${job} --explain train_0:byte:<n>`);
    const explained = await startMillrace(['local', job, '--explain', 'train_0:byte:7']).ended;
    expect(explained).toEqual({
      ...{ exitCode: 0, stderr: '' },
      stdout: `byte 7 of train_0 is byte 2 of ${folder}/data/b (bytes 5 to 9 of the epoch)\n`,
    });
  });

  it.each(['train_0', 'train:byte:1', 'train_0:line:0'])('refuses --explain %s', async (position) => {
    const { exitCode, stderr } = await startMillrace(['local', 'job.json', '--explain', position]).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Expected a position in a FIFO, such as train_0:byte:12345 (the first byte is 0)');
  });

  it('shows the stack of an error with --verbose', async () => {
    const { run } = jobFolder({ InputDataConfig: [] });
    expect((await run(['--verbose'], 'true')).stderr).toMatch(/\n {4}at /);
  });

  it('finds data relative to the folder of job.json', async () => {
    const { run, folder } = jobFolder();
    rmSync(join(folder, 'data'), { recursive: true });
    const { exitCode, stderr } = await run([], 'true');
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      `millrace: channel "train": cannot read ${folder}/data: it does not exist. The S3Uri "data" is this path: ` +
        'put the data there, or correct the S3Uri (InputDataConfig[0].DataSource.S3DataSource.S3Uri)\n',
    );
  });

  it('names a container command if mkfifo is missing', async () => {
    const { folder } = jobFolder();
    const { ended } = startMillrace(['local', join(folder, 'job.json'), '--', 'true'], { PATH: folder });
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^millrace: The command mkfifo is not on the PATH.*docker run.*\n$/);
  });

  it('ends with 1 when the data cannot be served', async () => {
    const { start, folder, left } = jobFolder();
    const { ended } = start([], 'sh', '-c', `rm ${folder}/data/a; cat $SAGEMAKER_BASE_DIR/input/data/train_0`);
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^millrace: Cannot serve train_0: Error: ENOENT/);
    expect(left()).toEqual([]);
  });

  it('says at once why data cannot be served, while the command still runs', async () => {
    const { folder, tmp, left } = jobFolder();
    const script = `
      trap 'read line < ${tmp}/go; exit 0' TERM
      rm ${folder}/data/a; cat $SAGEMAKER_BASE_DIR/input/data/train_0 & wait; wait`;
    execFileSync('mkfifo', [join(tmp, 'go')]);
    const running = startMillrace(['local', join(folder, 'job.json'), '--', 'sh', '-c', script], { TMPDIR: tmp });
    await running.complained(/^millrace: Cannot serve train_0: Error: ENOENT.* The command receives SIGTERM\n/);
    writeFileSync(join(tmp, 'go'), 'go\n');
    expect((await running.ended).exitCode).toBe(1);
    expect(left()).toEqual(['go']);
  });

  it('runs the command for each of several hosts, and prefixes their lines with their names', async () => {
    const { start, left } = jobFolder({ InputDataConfig: [sharded(channelOf('train', 'data'))] });
    const { ended } = start(['--hosts', '2'], 'sh', '-c', 'cat $SAGEMAKER_BASE_DIR/input/data/train_0; echo err >&2');
    const { exitCode, stdout, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').sort()).toEqual(['', 'algo-1 | some ', 'algo-2 | data']);
    expect(stderr.split('\n').sort()).toEqual(['', 'algo-1 | err', 'algo-2 | err']);
    expect(left()).toEqual([]);
  });

  it('has the number of hosts of the job by default', async () => {
    const { start } = jobFolder({ ResourceConfig: { InstanceCount: 2 } });
    const linesOf = async (...flags: string[]) => (await start(flags, 'echo', 'here').ended).stdout.split('\n').sort();
    expect(await linesOf()).toEqual(['', 'algo-1 | here', 'algo-2 | here']);
    expect(await linesOf('--hosts', '1')).toEqual(['', 'here']);
  });

  it('ends with the exit code of the failed host, and reports its name and reason', async () => {
    const { start, left } = jobFolder();
    const script = `
      cd $SAGEMAKER_BASE_DIR; grep -q '"current_host": "algo-2"' input/config/resourceconfig.json || exec sleep 1000
      echo no cheese > output/failure; exit 3`;
    const { exitCode, stderr } = await start(['--hosts', '2', '--verbose'], 'sh', '-c', script).ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: 'millrace: the command of algo-2 failed: no cheese\n',
    });
    expect(left()).toEqual([]);
  });

  it('reports the trees and epochs of several hosts with their names', async () => {
    const { start, left, tmp } = jobFolder();
    const flags = ['--hosts', '2', '--verbose', '--keep'];
    const { stderr } = await start(flags, 'sh', '-c', 'cat $SAGEMAKER_BASE_DIR/input/data/train_0 > /dev/null').ended;
    const lines = stderr.split('\n').filter(Boolean).sort();
    expect(lines.filter((line) => line.includes('epoch'))).toEqual(
      ['algo-1', 'algo-2'].map((host) => `millrace: train epoch 0 of ${host}: 10 bytes`),
    );
    const trees = lines
      .filter((line) => line.includes('folder of'))
      .map((line) => /folder of algo-\d is (.*)\. It is kept/.exec(line)?.[1]);
    expect(trees.sort()).toEqual(
      left()
        .map((name) => join(tmp, name))
        .sort(),
    );
  });

  it('ends although an escaped process has the output open, and loses no output', async () => {
    const { start, folder } = jobFolder();
    const pid = join(folder, 'pid');
    const escape = `setsid sh -c 'echo $$ >> ${pid}; echo ready; exec sleep 1000' & while [ ! -s ${pid} ]; do sleep 0.01; done`;
    const running = start(['--hosts', '2'], 'sh', '-c', `${escape}; seq 2000`);
    const { stdout } = await running.ended;
    for (const escaped of readFileSync(pid, 'utf8').trim().split('\n')) process.kill(Number(escaped));
    expect(stdout.split('\n').filter((line) => line === 'algo-1 | 2000' || line === 'algo-2 | 2000')).toHaveLength(2);
  });

  it('continues when the output of several hosts is closed', async () => {
    const { start, left } = jobFolder();
    const running = start(['--hosts', '2'], 'sh', '-c', 'seq 100000; sleep 0.05; seq 100000; exit 5');
    await running.said('algo-1 | 1\n');
    running.closeStdout();
    expect(await running.ended).toMatchObject({ exitCode: 5 });
    expect(left()).toEqual([]);
  });

  it('adds the variables of the Python toolkit only with --toolkit-env', async () => {
    const { start } = jobFolder({ HyperParameters: { epochs: '3' } });
    const command = ['sh', '-c', 'echo "$SM_CHANNELS|$SM_HP_EPOCHS|$SM_USER_ARGS"'] as const;
    expect((await start([], ...command).ended).stdout).toBe('||\n');
    expect((await start(['--toolkit-env'], ...command).ended).stdout).toBe('["train"]|3|["--epochs","3"]\n');
  });

  it('allows files of manifests in --manifest-root', async () => {
    const { start, folder } = jobFolder({ InputDataConfig: [manifestChannel('train', 'manifests/m.json')] });
    mkdirSync(join(folder, 'manifests'));
    writeFileSync(join(folder, 'manifests/m.json'), '[{"prefix": "../data"}, "b"]');
    const command = ['sh', '-c', 'cat $SAGEMAKER_BASE_DIR/input/data/train_0'] as const;
    expect(await start(['--manifest-root', folder], ...command).ended).toMatchObject({ exitCode: 0, stdout: 'data\n' });
    const { exitCode, stderr } = await start([], ...command).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/the prefix \.\.\/data is outside of the folder .*manifests/);
  });
});
