import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startLocalAgent, type LocalAgent } from '../../src/agent/startLocalAgent.js';
import { jsonOf } from '../../src/cli/jsonOf.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { RangeServer } from '../stores/support/rangeServer.js';
import { until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { startMillrace, type Millrace } from './millrace.js';
import { runMillrace } from './runMillrace.js';

const newFolder = temporaryFolders();

const PIPELINE = {
  channels: { train: { recordFormat: 'TFRecord' } },
  stages: [
    { stage: 'batch', size: 4 },
    { stage: 'parseExample', features: { label: { kind: 'fixedLen', shape: [], dtype: 'int64' } } },
  ],
};

describe('millrace run', () => {
  let folder: string;
  let agent: LocalAgent;

  beforeEach(async () => {
    folder = newFolder();
    const records = Array.from({ length: 10 }, (_, label) =>
      encodeTFRecord(encodeExample({ label: { int64List: [label] } })),
    );
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'a.tfrecord'), Buffer.concat(records));
    const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: join(folder, 'data') } as const;
    agent = await startLocalAgent({ InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource } }] });
  });
  afterEach(() => agent.close());

  function writePipeline(pipeline: unknown): string {
    const path = join(folder, 'pipeline.json');
    writeFileSync(path, typeof pipeline === 'string' ? pipeline : JSON.stringify(pipeline));
    return path;
  }

  /** Runs a pipeline in this process. */
  const run = (pipeline: unknown, ...args: string[]) =>
    runMillrace(['run', writePipeline(pipeline), ...args], { environment: agent.environment });

  /** Runs a pipeline in a separate process. */
  const start = (pipeline: unknown, ...args: string[]): Millrace =>
    startMillrace(['run', writePipeline(pipeline), ...args], agent.environment);

  it('prints one JSON object with --json', async () => {
    const { exitCode, stdout, stderr } = await run(PIPELINE, '--json', '--head', '2');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      isInterrupted: false,
      isAlreadyComplete: false,
      items: 2,
      stages: expect.any(Array),
      verdict: { bottleneck: expect.any(String) },
    });
  });

  it('prints no object with --json if the pipeline fails, but the error', async () => {
    const { exitCode, stdout, stderr } = await run({ ...PIPELINE, stages: [{ stage: 'bath' }] }, '--json');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ code: 'ERR_CONFIG', path: expect.stringContaining('stages') });
  });

  it('refuses --json if the items also go to standard output', async () => {
    const { exitCode, stderr } = await run(PIPELINE, '--json', '--to', '-');
    expect([exitCode, JSON.parse(stderr)]).toEqual([2, expect.objectContaining({ path: 'to' })]);
  });

  it('prints nothing with --quiet', async () => {
    expect(await run(PIPELINE, '--quiet')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('reads Parquet files', async () => {
    const files = join(process.cwd(), 'test/fixtures/parquet/names.parquet');
    const train = { files, recordFormat: 'Parquet', select: ['x.y'] };
    const { exitCode, stdout } = await run({ channels: { train } }, '--head', '1');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('x.y: int64 [2] [9, 10]')]);
  });

  it('counts the items', async () => {
    const { exitCode, stdout, stderr } = await start(PIPELINE).ended;
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(
      /^millrace: 3 items, 0\.00 MB read in \d+\.\d s\nmillrace: the output (waited for input \d+ % of [^\n]*|has read for less than 200 ms\. [^\n]*)\.\n$/,
    );
  });

  it('shows the first items and stops', async () => {
    const { exitCode, stdout, stderr } = await run(PIPELINE, '--head', '1');
    expect(exitCode).toBe(0);
    expect(stdout).toBe('item 0:\n  label: int64 [4] [0, 1, 2, 3]\n');
    expect(stderr).toContain('millrace: 1 item, 0.00 MB read in ');
  });

  it('writes a page and a trace of the run, with the advice for a declared pipeline', async () => {
    const [page, trace] = [join(folder, 'report.html'), join(folder, 'trace.json')];
    expect((await run(PIPELINE, '--page', page, '--trace', trace)).exitCode).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('<th scope="row">channel(&quot;train&quot;)</th>');
    expect(JSON.parse(readFileSync(trace, 'utf8'))).toHaveProperty('traceEvents');
  });

  it('rejects a page or trace with another extension, and a trace that would replace its pipeline', async () => {
    const asPage = await run(PIPELINE, '--page', 'report.txt');
    expect(asPage.stderr).toContain("argument 'report.txt' is invalid. Expected a file .html in an existing folder.");
    const path = join(folder, 'pipeline.json');
    const asTrace = await run(PIPELINE, '--trace', path);
    expect([asTrace.exitCode, asTrace.stderr]).toEqual([
      2,
      expect.stringContaining(`--trace ${path}: the pipeline reads`),
    ]);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(PIPELINE);
    const both = join(folder, 'both.json');
    expect((await run(PIPELINE, '--trace', both, '--to', both)).stderr).toContain('--to writes this file');
  });

  it('writes the items as lines of JSON', async () => {
    const to = join(folder, 'out.jsonl');
    await run(PIPELINE, '--to', to);
    const lines = readFileSync(to, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { label: { dtype: 'int64', shape: [4], data: ['0', '1', '2', '3'] } },
      { label: { dtype: 'int64', shape: [4], data: ['4', '5', '6', '7'] } },
      { label: { dtype: 'int64', shape: [2], data: ['8', '9'] } },
    ]);
  });

  it('says that a run to resume is already complete, and reads nothing', async () => {
    writeFileSync(join(folder, 'a.txt'), 'a\nb\n');
    const lines = { channels: { t: { files: join(folder, 'a.txt'), recordFormat: 'TextLine' } } };
    const to = join(folder, 'out-{shard}.jsonl');
    expect((await run(lines, '--to', to, '--resume')).stderr).toContain('millrace: 2 items');
    const { exitCode, stderr } = await run(lines, '--to', to, '--resume');
    expect([exitCode, stderr]).toEqual([
      0,
      `millrace: ${to} is already complete, so nothing was read (files: 1, records: 2). ` +
        'To write it again, use --overwrite instead of --resume.\n',
    ]);
  });

  it('writes them to standard output for -, and nothing else', async () => {
    const { exitCode, stdout, stderr } = await start(PIPELINE, '--to', '-', '--head', '2').ended;
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { label: { data: string[] } }).label.data)).toEqual([
      ['0', '1', '2', '3'],
      ['4', '5', '6', '7'],
    ]);
    expect(stderr).toContain('millrace: 2 items');
  });

  it.each([
    [
      'a missing folder',
      'none/out.jsonl',
      /^millrace: --to .*: the folder .*none does not exist\. Create the folder first, with mkdir -p\n$/,
    ],
    [
      'a folder',
      'data',
      /^millrace: --to .*data: expected a file, found a folder\. Use the path of a file in this folder\n$/,
    ],
  ])('rejects %s as the output, in one line, before it reads', async (_, to, message) => {
    const { exitCode, stdout, stderr } = await run(PIPELINE, '--to', join(folder, to));
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('rejects an output file that it reads, and does not change it', async () => {
    const path = join(folder, 'own.json');
    writeFileSync(path, JSON.stringify(PIPELINE));
    const { exitCode, stderr } = await runMillrace(['run', path, '--to', path]);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      `millrace: --to ${path}: the pipeline reads this file, so it cannot be the output. Use a different file\n`,
    );
    expect(readFileSync(path, 'utf8')).toBe(JSON.stringify(PIPELINE));
  });

  it.each([
    ['a pattern', 'gl/*', 'gl/out.jsonl'],
    ['a folder', 'gl', 'gl/deep/out.jsonl'],
    ['a pattern for folders', '**/*.jsonl', 'gl/deep/out.jsonl'],
    ['a pattern through a link', 'link/*', 'gl/out.jsonl'],
    ['the name of the file', 'gl/out.jsonl', 'link/out.jsonl'],
  ])('rejects a new output file that it would read, by %s, and creates no file', async (_, files, to) => {
    mkdirSync(join(folder, 'gl', 'deep'), { recursive: true });
    symlinkSync('gl', join(folder, 'link'));
    writeFileSync(join(folder, 'gl', 'a.txt'), 'a\nb\n');
    writeFileSync(join(folder, 'gl', 'a.jsonl'), '1\n');
    const channels = { t: { files: join(folder, files), recordFormat: 'TextLine' } };
    const output = join(folder, to);
    const { exitCode, stderr } = await run({ channels }, '--to', output);
    expect([exitCode, stderr]).toEqual([
      2,
      `millrace: --to ${output}: the pipeline reads this file, so it cannot be the output. Use a different file\n`,
    ]);
    expect(existsSync(output)).toBe(false);
  });

  it('writes a new file that no pattern matches, beside the files that it reads', async () => {
    writeFileSync(join(folder, 'a.txt'), 'a\nb\n');
    const channels = { t: { files: join(folder, '*.txt'), recordFormat: 'TextLine' } };
    const to = join(folder, 'out.jsonl');
    expect((await run({ channels }, '--to', to)).exitCode).toBe(0);
    expect(readFileSync(to, 'utf8').split('\n')).toHaveLength(3);
  });

  it('keeps an existing output file if the first record fails', async () => {
    writeFileSync(join(folder, 'bad.txt'), 'not a record of TFRecord');
    const to = join(folder, 'out.jsonl');
    writeFileSync(to, 'an earlier result\n');
    const channels = { t: { files: join(folder, 'bad.txt'), recordFormat: 'TFRecord' } };
    expect((await run({ channels }, '--to', to)).exitCode).toBe(1);
    expect(readFileSync(to, 'utf8')).toBe('an earlier result\n');
  });

  it('names the output, not the pipeline, if a bucket refuses the files', async () => {
    const server = await RangeServer.start();
    const environment = {
      AWS_ENDPOINT_URL_S3: `http://localhost:${server.port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    };
    const to = 's3://nobucket/out-{shard}.jsonl';
    const path = writePipeline(PIPELINE);
    const surroundings = { environment: { ...agent.environment, ...environment } };
    const { exitCode, stderr } = await runMillrace(['run', path, '--to', to], surroundings);
    await server.stop();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^millrace: --to s3:\/\/nobucket\/out-\{shard\}\.jsonl: Cannot list s3:\/\/nobucket\/out-: /m,
    );
  });

  it('names the pipeline if the input of record files fails', async () => {
    const channels = { t: { files: join(folder, 'none.txt'), recordFormat: 'TextLine' } };
    const { stderr } = await run({ channels }, '--to', join(folder, 'out-{shard}.jsonl'));
    expect(stderr).toMatch(/^millrace: .*pipeline\.json: .*none\.txt/);
  });

  it('ends with one line and exit code 1 when the disk is full', async () => {
    const { exitCode, stderr } = await run(PIPELINE, '--to', '/dev/full');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\nmillrace: --to \/dev\/full: cannot write: the disk is full\n$/);
  });

  it('stops an endless run when its output is closed', async () => {
    const endless = { ...PIPELINE, stages: [...PIPELINE.stages, { stage: 'repeat', count: 1_000_000 }] };
    const running = start(endless, '--to', '-');
    await running.said('int64');
    running.closeStdout();
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\nmillrace: --to -: cannot write: the reader has closed the output\n$/);
  });

  it('reports the time of each stage', async () => {
    const prefetching = { ...PIPELINE, stages: [...PIPELINE.stages, { stage: 'prefetch', items: 2 }] };
    const { stderr } = await run(prefetching, '--report');
    const rows = stderr.split('\n').map((line) => line.split(/ {2,}/));
    const countsOf = (name: string): unknown => rows.find(([first]) => first === name)?.slice(1, 4);
    expect(countsOf('channel("train")')).toEqual(['1', '0.00', '1']);
    expect(countsOf('decodeTFRecord')).toEqual(['1', '0.00', '10']);
    expect(countsOf('prefetch(2)')).toEqual(['3', '0.00', '3']);
    expect(stderr).toMatch(/\nthe output (waited for input \d+ % of the time|has read for less than 200 ms)/);
  });

  it('names the wrong key of a declaration, and ends with 2', async () => {
    const wrong = { ...PIPELINE, stages: [{ stage: 'batch', size: '64' }] };
    const { exitCode, stderr } = await run(wrong);
    expect(exitCode).toBe(2);
    const path = join(folder, 'pipeline.json');
    expect(stderr).toBe(`millrace: ${path}: pipeline: stages[0].size: expected a positive integer, found "64"\n`);
    const noJson = await run('{\n  "channels": yes }');
    const message = `millrace: ${path} is not JSON: line 2, column 15: expected a value, found "yes }".\n`;
    expect([noJson.exitCode, noJson.stderr]).toEqual([2, message]);
  });

  it('says in one line how to run what is no pipeline', async () => {
    const job = join(folder, 'job.json');
    writeFileSync(job, JSON.stringify({ InputDataConfig: [] }));
    expect(await runMillrace(['run', job])).toEqual({
      ...{ exitCode: 2, stdout: '' },
      stderr: `millrace: ${job} is a training job, not a pipeline: run it with millrace local ${job} -- <command>\n`,
    });
    const noPath = await runMillrace(['run', '']);
    expect([noPath.exitCode, noPath.stderr]).toEqual([2, 'millrace: <pipeline.json>: expected a path, found ""\n']);
  });

  it('ends with the error of the data, after counting the items before it', async () => {
    const files = join(folder, 'rows.csv');
    writeFileSync(files, '1\n2\nthree\n');
    const stages = [{ stage: 'decodeCsv', recordDefaults: ['int64'] }];
    const { exitCode, stderr } = await run({ channels: { rows: { files, recordFormat: 'TextLine' } }, stages });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^millrace: 2 items, 0\.00 MB read in \d+\.\d s\nmillrace: .*pipeline\.json: stages\[0\] .*"three"/,
    );
  });

  it('shows only the error if there was no item before it', async () => {
    const failing = { ...PIPELINE, stages: [{ stage: 'scale', feature: 'image', factor: 1 }] };
    const { exitCode, stderr } = await run(failing);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^millrace: .*pipeline\.json: stages\[0\] \(scale\): scale: expected an item with features[^\n]*\n$/,
    );
  });

  it('ignores a byte order mark', async () => {
    expect((await run(`\ufeff${JSON.stringify(PIPELINE)}`)).exitCode).toBe(0);
  });

  it('prints the message of a wrapped error once, without control characters of the data', async () => {
    const files = join(folder, 'rows.csv');
    writeFileSync(files, 'red\u009b31m\u202e\n');
    const stages = [{ stage: 'decodeCsv', recordDefaults: ['int64'] }];
    const csv = { channels: { rows: { files, recordFormat: 'TextLine' } }, stages };
    const { stderr } = await run(csv);
    expect(stderr).toContain(
      `${files}, line 1: column 1 of 1: expected int64, found "red\\u009b31m\\u202e"; the line is "red\\u009b31m\\u202e"`,
    );
    expect(stderr).not.toContain('caused by');
    writeFileSync(files, gzipSync('rows'));
    const packed = { channels: { rows: { files, recordFormat: 'TFRecord', compression: 'none' } } };
    expect((await run(packed)).stderr).toMatch(/rows\.csv .*the bytes look like gzip: if compression: 'none' is set/);
  });

  const endless = { ...PIPELINE, stages: [...PIPELINE.stages, { stage: 'repeat', count: 1_000_000 }] };

  it('serves a live page until SIGINT', async () => {
    const running = start(endless, '--live');
    const [url = ''] = /http:.*/.exec(await running.complained(/^millrace: the live report is at http:.*\n/)) ?? [];
    expect(await (await fetch(url)).text()).toContain('<p class="soft live" role="status">');
    running.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('stops at SIGINT, and reports its progress', async () => {
    const running = start(endless, '--head', '1000000');
    await running.said('int64');
    running.kill('SIGINT');
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/millrace: \d+ items/);
  });
});

describe('millrace run --to with numbered files', () => {
  it('writes the records in the format of the name, and a manifest', async () => {
    const folder = newFolder();
    const records = ['a', 'b', 'c'].map((text) => encodeTFRecord(Buffer.from(text)));
    writeFileSync(join(folder, 'in.tfrecord'), Buffer.concat(records));
    const files = join(folder, 'in.tfrecord');
    writeFileSync(join(folder, 'p.json'), JSON.stringify({ channels: { a: { files, recordFormat: 'TFRecord' } } }));
    const to = join(folder, 'out', 'part-{shard}.tfrecord');
    const { ended } = startMillrace(['run', join(folder, 'p.json'), '--to', to, '--records-per-file', '2']);
    const { exitCode, stderr } = await ended;
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/^millrace: 3 items, .*\nmillrace: wrote 0\.00 MB\n/),
    ]);
    const read = (name: string) => readFileSync(join(folder, 'out', name));
    expect(read('part-00000.tfrecord').equals(Buffer.concat(records.slice(0, 2)))).toBe(true);
    expect(read('part-00001.tfrecord').equals(records[2] as Uint8Array)).toBe(true);
    expect(JSON.parse(read('part.tfrecord.manifest.json').toString())).toMatchObject({ isComplete: true, records: 3 });
  });
});

describe('millrace run --to, interrupted', () => {
  /** The records end only after a signal. */
  function startEndless(...flags: string[]) {
    const folder = newFolder();
    writeFileSync(join(folder, 'in.tfrecord'), encodeTFRecord(new Uint8Array(500_000)));
    const channels = { a: { files: join(folder, 'in.tfrecord'), recordFormat: 'TFRecord' } };
    const stages = [{ stage: 'repeat', count: 1_000_000_000 }];
    writeFileSync(join(folder, 'p.json'), JSON.stringify({ channels, stages }));
    const out = join(folder, 'out');
    const to = join(out, 'part-{shard}.tfrecord');
    return { out, running: startMillrace(['run', join(folder, 'p.json'), '--to', to, ...flags]) };
  }
  const names = (out: string) => (existsSync(out) ? readdirSync(out) : []);

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('says after %s how to continue, and leaves no temporary file', async (signal, code) => {
    const { out, running } = startEndless('--records-per-file', '10');
    await until(() => names(out).includes('part-00002.tfrecord'));
    running.kill(signal);
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(
      /\nmillrace: interrupted\. To write the rest, run the command again with --resume\. Complete files are kept\.\n$/,
    );
    expect(names(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('does not advise --resume if it has begun to replace the files of another run', async () => {
    const { out, running } = startEndless('--overwrite');
    await until(() => names(out).length > 0);
    running.kill('SIGINT');
    expect((await running.ended).stderr).toMatch(/\nmillrace: interrupted\. Run the command again\.\n$/);
    expect(names(out)).toEqual([]);
  });
});

describe('jsonOf', () => {
  it('keeps every value exactly: integers, bytes, and floats that JSON does not have', () => {
    const values = {
      big: ndarray('int64', [1], BigInt64Array.of(2n ** 62n)),
      odd: ndarray('float32', [3], Float32Array.of(NaN, Infinity, -Infinity)),
      bytes: ndarray('bytes', [1], [Uint8Array.of(255)]),
      splits: Int32Array.of(0, 1),
      list: [true, 'text', null],
    };
    expect(jsonOf(values)).toEqual({
      big: { dtype: 'int64', shape: [1], data: ['4611686018427387904'] },
      odd: { dtype: 'float32', shape: [3], data: ['nan', 'inf', '-inf'] },
      bytes: { dtype: 'bytes', shape: [1], data: ['/w=='] },
      splits: [0, 1],
      list: [true, 'text', null],
    });
  });
});
