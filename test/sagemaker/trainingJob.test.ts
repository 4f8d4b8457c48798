import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { shardOfHost } from '../../src/sagemaker/shardOfHost.js';
import { trainingJob } from '../../src/sagemaker/trainingJob.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';
import { compiledUrl } from '../support/compiled.js';

const newFolder = temporaryFolders();
const MODULE = compiledUrl('src/sagemaker/trainingJob.ts');

interface JobFiles {
  readonly hyperparameters?: unknown;
  readonly resources?: unknown;
}

const HOSTS = ['algo-1', 'algo-10', 'algo-2'];

/** Makes the folders of a job. Returns their root. */
function jobWith({ hyperparameters = {}, resources }: JobFiles = {}): string {
  const { baseDir } = new TrainingTree(newFolder());
  const write = (name: string, content: unknown): void => {
    writeFileSync(join(baseDir, 'input/config', name), JSON.stringify(content));
  };
  write('hyperparameters.json', hyperparameters);
  write('resourceconfig.json', resources ?? { current_host: 'algo-2', hosts: HOSTS, current_group_name: 'a' });
  return baseDir;
}

/** Returns the hyperparameters after the schema. */
function parsed<S extends z.ZodType>(hyperparameters: unknown, schema: S): z.output<S> {
  const job = trainingJob({ baseDir: jobWith({ hyperparameters }), hyperparameters: schema });
  job.close();
  return job.hyperparameters;
}

describe('trainingJob', () => {
  it('returns the hosts, the channels and the folders of the job', () => {
    const baseDir = jobWith();
    process.env['TRAINING_JOB_NAME'] = 'digits';
    const { close, fail, signal, ...job } = trainingJob({ baseDir });
    close();
    delete process.env['TRAINING_JOB_NAME'];
    expect(job).toEqual({
      name: 'digits',
      hyperparameters: {},
      hosts: HOSTS,
      currentHost: 'algo-2',
      rank: 2,
      channels: { train: { TrainingInputMode: 'Pipe' } },
      modelDir: join(baseDir, 'model'),
      checkpointDir: join(baseDir, 'checkpoints'),
      outputDataDir: join(baseDir, 'output/data'),
      [Symbol.dispose]: close,
    });
    expect([typeof fail, signal.aborted]).toEqual(['function', false]);
  });

  it('uses SAGEMAKER_BASE_DIR by default', () => {
    const baseDir = jobWith();
    process.env['SAGEMAKER_BASE_DIR'] = baseDir;
    try {
      const job = trainingJob();
      job.close();
      expect(job.modelDir).toBe(join(baseDir, 'model'));
    } finally {
      delete process.env['SAGEMAKER_BASE_DIR'];
    }
  });

  it('returns hyperparameters as strings without a schema', () => {
    const job = trainingJob({ baseDir: jobWith({ hyperparameters: { epochs: '20', optimizer: '"adam"' } }) });
    job.close();
    const hyperparameters: Readonly<Record<string, string>> = job.hyperparameters;
    expect(hyperparameters).toEqual({ epochs: '20', optimizer: 'adam' });
  });

  it('converts each hyperparameter of the SDKs to the type in the schema', () => {
    const schema = z.object({
      epochs: z.int(),
      rate: z.number(),
      augment: z.boolean(),
      shuffle: z.boolean(),
      bucket: z.string(),
      version: z.string(),
      optimizer: z.enum(['adam', 'sgd']),
      width: z.enum(['64', '128']),
      layers: z.array(z.int()),
      nothing: z.null(),
      schedule: z.object({ warmup: z.int() }),
      batch: z.int().default(64),
    });
    const texts = {
      epochs: '20',
      rate: '1e-3',
      augment: 'true',
      shuffle: 'False',
      bucket: '007',
      version: '1.0',
      optimizer: '"adam"',
      width: '64',
      layers: '[128, 64]',
      nothing: 'None',
      schedule: '{"warmup": 5}',
      sagemaker_program: '"train.js"',
    };
    expect(parsed(texts, schema)).toEqual({
      epochs: 20,
      rate: 0.001,
      augment: true,
      shuffle: false,
      bucket: '007',
      version: '1.0',
      optimizer: 'adam',
      width: '64',
      layers: [128, 64],
      nothing: null,
      schedule: { warmup: 5 },
      batch: 64,
    });
  });

  it('works with schemas that convert strings themselves', () => {
    const schema = z.object({
      epochs: z.coerce.number(),
      augment: z.stringbool(),
      shuffle: z.coerce.boolean(),
      id: z.coerce.bigint(),
      layers: z.string().transform((text) => text.split(',').map(Number)),
    });
    const texts = { epochs: '20', augment: 'yes', shuffle: 'false', id: '9007199254740993', layers: '128,64' };
    expect(parsed(texts, schema)).toEqual({
      epochs: 20,
      augment: true,
      shuffle: false,
      id: 9007199254740993n,
      layers: [128, 64],
    });
  });

  it('names the file and each value that the schema rejects', () => {
    const schema = z.object({ epochs: z.int(), name: z.string(), rate: z.number() });
    const texts = { epochs: '2.5', name: '7', rate: 'fast' };
    expect(() => parsed(texts, schema)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        path: 'epochs',
        message: expect.stringMatching(
          /hyperparameters\.json.*expected an integer, found 2\.5.*expected number, found "fast"/s,
        ),
      }),
    );
    expect(() => parsed(texts, schema)).not.toThrow(/name:/);
    expect(() => parsed({ epoch: '1' }, z.strictObject({}))).toThrow(/epoch/);
    expect(() => parsed({ epochs: 20 }, schema)).toThrow(expect.objectContaining({ path: 'epochs' }));
  });

  it('throws a ConfigError for a missing or wrong file, and leaves no listener', () => {
    const listeners = process.listenerCount('SIGTERM');
    for (const name of ['hyperparameters', 'resourceconfig', 'inputdataconfig']) {
      const baseDir = jobWith();
      rmSync(join(baseDir, 'input/config', `${name}.json`));
      expect(() => trainingJob({ baseDir })).toThrow(new RegExp(`${name}\\.json cannot be read.*millrace local`, 's'));
    }
    const stranger = jobWith({ resources: { current_host: 'algo-3', hosts: HOSTS } });
    expect(() => trainingJob({ baseDir: stranger })).toThrow(expect.objectContaining({ path: 'current_host' }));
    expect(() => trainingJob({ hyperparameters: {} as z.ZodType })).toThrow(/expected a zod schema/);
    expect(process.listenerCount('SIGTERM')).toBe(listeners);
  });
});

describe('the signal of a trainingJob', () => {
  /** Runs a script with a job. Resolves with its output and its end. */
  async function run(code: string): Promise<{ output: string; exit: unknown }> {
    const script = `import { trainingJob } from ${JSON.stringify(MODULE)};\n${code}`;
    const child = spawn(execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, SAGEMAKER_BASE_DIR: jobWith() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (chunk.toString().includes('stop me')) child.kill('SIGTERM');
    });
    const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { output, exit: exitCode ?? signal };
  }

  it('is aborted by SIGTERM, which does not end the process', async () => {
    const { output, exit } = await run(`
      const job = trainingJob();
      const work = setInterval(() => undefined, 1000);
      job.signal.addEventListener('abort', () => {
        console.log(job.signal.reason.name);
        clearInterval(work);
      });
      console.log('stop me');`);
    expect({ output, exit }).toEqual({ output: 'stop me\nAbortError\n', exit: 0 });
  }, 30_000);

  it('is aborted once: a second SIGTERM ends the process', async () => {
    const { exit } = await run(`
      const job = trainingJob();
      setInterval(() => undefined, 1000);
      job.signal.addEventListener('abort', () => console.log('stop me again'));
      console.log('stop me');`);
    expect(exit).toBe('SIGTERM');
  }, 30_000);

  it('does not handle SIGTERM after the job is closed', async () => {
    const { exit } = await run(`
      const job = trainingJob();
      setInterval(() => undefined, 1000);
      job[Symbol.dispose]();
      console.log('stop me');`);
    expect(exit).toBe('SIGTERM');
  }, 30_000);

  it('does not keep the process alive', async () => {
    expect(await run(`trainingJob();`)).toEqual({ output: '', exit: 0 });
  }, 30_000);
});

describe('the failure of a trainingJob', () => {
  let before: typeof process.exitCode;
  beforeEach(() => {
    before = process.exitCode;
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = before;
  });

  function failureOf(error: unknown): string {
    const baseDir = jobWith();
    const job = trainingJob({ baseDir });
    expect(existsSync(join(baseDir, 'output/failure'))).toBe(false);
    job.fail(error);
    job.close();
    return readFileSync(join(baseDir, 'output/failure'), 'utf8');
  }

  it('is written with its causes', () => {
    const error = new TypeError('no batch', { cause: new Error('no record', { cause: 'no byte' }) });
    expect(failureOf(error)).toBe('TypeError: no batch\nCaused by Error: no record\nCaused by no byte');
  });

  it('may be any thrown value', () => {
    expect(failureOf('a string')).toBe('a string');
    expect(failureOf(undefined)).toBe('undefined');
    expect(failureOf(Object.create(null))).toBe('[Object: null prototype] {}');
    const circular = new Error('round');
    circular.cause = circular;
    expect(failureOf(circular)).toMatch(/^Error: round\n(Caused by Error: round\n?)+$/);
  });

  it.each([
    [
      'hyperparameters that the schema refuses',
      { hyperparameters: { epochs: 'many' } },
      /hyperparameters\.json: epochs: .*"many"/,
    ],
    [
      'a host that does not belong to the job',
      { resources: { current_host: 'algo-3', hosts: HOSTS } },
      /resourceconfig\.json/,
    ],
  ])('is written by trainingJob for %s', (_, files, text) => {
    const baseDir = jobWith(files);
    const call = () => trainingJob({ baseDir, hyperparameters: z.object({ epochs: z.int().optional() }) });
    expect(call).toThrow(text);
    expect(readFileSync(join(baseDir, 'output/failure'), 'utf8')).toMatch(text);
  });

  it('is not written without a job, or for a wrong option', () => {
    const baseDir = join(newFolder(), 'none');
    expect(() => trainingJob({ baseDir })).toThrow('millrace local');
    expect(existsSync(baseDir)).toBe(false);
    const tree = jobWith();
    expect(() => trainingJob({ baseDir: tree, hyperparameters: {} as z.ZodType })).toThrow('zod');
    expect(existsSync(join(tree, 'output/failure'))).toBe(false);
  });

  it('is cut to 1,024 whole characters', () => {
    expect(failureOf('x'.repeat(5000))).toBe('x'.repeat(1024));
    expect(failureOf('🌊'.repeat(5000))).toBe('🌊'.repeat(1024));
    expect(failureOf('🌊'.repeat(1024))).toBe('🌊'.repeat(1024));
  });

  it('sets an exit code that is not 0', () => {
    failureOf('');
    expect(process.exitCode).toBe(1);
    process.exitCode = 3;
    failureOf('');
    expect(process.exitCode).toBe(3);
  });
});

describe('shardOfHost', () => {
  it('returns the index of this host among the hosts', () => {
    expect(shardOfHost({ baseDir: jobWith() })).toEqual({ count: 3, index: 2 });
    const alone = jobWith({ resources: { current_host: 'algo-1', hosts: ['algo-1'] } });
    expect(shardOfHost({ configDir: join(alone, 'input/config') })).toEqual({ count: 1, index: 0 });
  });

  it('throws a ConfigError if resourceconfig.json is wrong', () => {
    for (const resources of [{ current_host: 'a', hosts: [] }, { hosts: ['a'] }, { current_host: 'b', hosts: ['a'] }]) {
      expect(() => shardOfHost({ baseDir: jobWith({ resources }) })).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining('resourceconfig.json') }),
      );
    }
  });
});
