import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execPath } from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Scalar } from '@tensorflow/tfjs';
import { recordsFromFiles } from 'millrace';
import { readTrainingJob, type TrainingJobRequest } from 'millrace/agent';
import { batch, parseExample } from 'millrace/operators';
import { evaluateDataset, modelFolder, toDataset } from 'millrace/tfjs';
import { map } from 'rxjs';
import { DIGIT_FEATURES, toInputAndTarget } from '../../examples/sagemaker/digitsModel.js';
import { startMillrace, type Millrace } from '../cli/millrace.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { FifoWriter } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';
import { loadBackend, type Tf } from '../tfjs/backends.js';

// Each test trains in one to three processes.
jest.setTimeout(120_000);

const EXAMPLE = fileURLToPath(new URL('../../examples/sagemaker', import.meta.url));
const TRAIN = compiled('examples/sagemaker/train.ts');
const DATA = join(EXAMPLE, '../digits/data');

const newFolder = temporaryFolders();
const running = new Set<Pick<Millrace | ChildProcess, 'kill'>>();
afterEach(() => {
  for (const job of running) job.kill('SIGTERM');
  running.clear();
});

/** Returns the example's request with folders instead of S3. */
function requestWithFolders(file: string): TrainingJobRequest {
  const request = readFileSync(join(EXAMPLE, file), 'utf8');
  const S3_URI = /"S3Uri": "(?:s3:\/\/my-bucket\/digits|\.\.\/digits\/data)\//g;
  return JSON.parse(request.replace(S3_URI, `"S3Uri": "${DATA}/`)) as TrainingJobRequest;
}

const REQUEST = requestWithFolders('job.json');

/** Starts the job with the compiled training script. */
const startJob = (job: TrainingJobRequest) => startCommand(job, [], [execPath, TRAIN]);

/** Starts the job like SageMaker: with the command `train` on the PATH of the Dockerfile. */
function startAsSageMaker(job: TrainingJobRequest) {
  const [, inImage = ''] =
    /^ENV PATH="\/app\/(.+):\$\{PATH\}"$/m.exec(readFileSync(join(EXAMPLE, 'Dockerfile'), 'utf8')) ?? [];
  return startCommand(job, [], ['train'], [join(EXAMPLE, '../..', inImage), process.env['PATH']].join(delimiter));
}

function startCommand(
  job: TrainingJobRequest,
  flags: readonly string[],
  command: readonly string[],
  PATH = process.env['PATH'],
) {
  const folder = newFolder();
  const path = join(folder, 'job.json');
  const outputDir = join(folder, 'result');
  writeFileSync(path, JSON.stringify(job));
  const millrace = startMillrace(['local', path, '--output', outputDir, ...flags, '--', ...command], { PATH });
  running.add(millrace);
  const file = (name: string) => (existsSync(join(outputDir, name)) ? readFileSync(join(outputDir, name)) : undefined);
  return { ...millrace, modelDir: join(outputDir, 'model'), file };
}

/** Returns the accuracy of each epoch, found by the metric of the request. */
function accuraciesIn(log: string): number[] {
  const metrics = requestWithFolders('createTrainingJob.json').AlgorithmSpecification?.MetricDefinitions;
  const { Regex } = (metrics as { Name: string; Regex: string }[]).find(({ Name }) => Name === 'validation:accuracy')!;
  return Array.from(log.matchAll(new RegExp(Regex, 'g')), ([, figure]) => Number(figure));
}

/**
 * Returns the lines that `logBatches.ts` writes: digests of each batch, and of the state before and after the batch.
 */
function loggedBatches(log: string) {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [digest, before, after] = line.split(' ');
    return { batch: digest, before, after };
  });
}

let tf: Tf;
beforeAll(async () => {
  tf = await loadBackend('cpu');
});

/** Returns the accuracy of a saved model on the validation records. */
async function accuracyOf(modelDir: string): Promise<number> {
  const model = await tf.loadLayersModel(modelFolder(tf, modelDir));
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const batches$ = recordsFromFiles(join(DATA, 'validation'), { recordFormat: 'TFRecord' }).pipe(
    batch(64),
    parseExample(DIGIT_FEATURES),
    map(toInputAndTarget),
  );
  const [, accuracy] = (await evaluateDataset(model, toDataset(tf, batches$))) as Scalar[];
  return accuracy!.dataSync()[0]!;
}

describe('the SageMaker example', () => {
  it('trains the same model in Pipe, File and FastFile mode, and saves it', async () => {
    const jobs = (['Pipe', 'File', 'FastFile'] as const).map((TrainingInputMode) =>
      startJob({ ...REQUEST, AlgorithmSpecification: { TrainingInputMode } }),
    );
    const [pipe, ...others] = await Promise.all(jobs.map(({ ended }) => ended));
    expect(pipe).toMatchObject({ exitCode: 0, stderr: '' });
    expect(others).toEqual([pipe, pipe]);

    const accuracies = accuraciesIn(pipe!.stdout);
    expect(accuracies).toHaveLength(10);
    expect(accuracies.at(-1)).toBeGreaterThanOrEqual(0.95);
    // The name of the weights contains their checksum.
    const [saved, ...otherSaved] = jobs.map(({ file }) => file('model/model.json'));
    expect(otherSaved).toEqual([saved, saved]);
    expect(await accuracyOf(jobs[0]!.modelDir)).toBeCloseTo(accuracies.at(-1)!, 2);
  });

  it('ends at SIGTERM with what was trained so far', async () => {
    const job = startAsSageMaker({ ...REQUEST, HyperParameters: { epochs: '1000000' } });
    await job.said('epoch 3/');
    job.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await job.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const accuracies = accuraciesIn(stdout);
    expect(stdout).toMatch(new RegExp(`\nStopped after ${accuracies.length} of 1000000 epochs.\n$`));
    expect(await accuracyOf(job.modelDir)).toBeGreaterThan(0.85);
    expect(job.file('output/failure')).toBeUndefined();
  });

  it('survives spot interruptions with each batch trained on exactly once, as the real request runs it', async () => {
    const request = JSON.parse(readFileSync(join(EXAMPLE, 'createTrainingJob.json'), 'utf8')) as TrainingJobRequest;
    const job = { ...request, HyperParameters: { epochs: '2', batchSize: '16', learningRate: '0.002' } };
    const checkpoints = newFolder();
    /** Runs the job to its end, or to SIGTERM after some batches. */
    const run = async (store: string, batchesBeforeSigterm?: number) => {
      const log = join(newFolder(), 'batches');
      const variables = [`BATCH_LOG=${log}`, `BATCHES_BEFORE_SIGTERM=${batchesBeforeSigterm}`];
      const train = [execPath, '--import', compiledUrl('test/examples/logBatches.ts'), TRAIN];
      const maps = ['--map', `s3://my-bucket/digits=${DATA}`, '--map', `s3://my-bucket/digits-checkpoints=${store}`];
      const { ended } = startCommand(job, maps, ['env', ...variables, ...train]);
      const { exitCode, stdout, stderr } = await ended;
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      return { stdout, trained: loggedBatches(log) };
    };

    // The first run is interrupted in the first epoch, the second run in the second epoch.
    const runs = [await run(checkpoints, 30), await run(checkpoints, 80), await run(checkpoints)];
    expect(runs.map(({ stdout }) => stdout)).toEqual([
      'Stopped after 0 of 2 epochs.\n',
      expect.stringMatching(/^Resuming in epoch 1, after \d+ batches\.\nepoch 1.+\nStopped after 1 of 2 epochs\.\n$/),
      expect.stringMatching(/^Resuming in epoch 2, after \d+ batches\.\nepoch 2.+\n$/),
    ]);
    const whole = await run(newFolder());
    const [first, second, third] = runs.map(({ trained }) => trained);
    expect([...first!, ...second!, ...third!].map(({ batch: digest }) => digest)).toEqual(
      whole.trained.map(({ batch: digest }) => digest),
    );
    expect(first).toEqual(whole.trained.slice(0, first!.length));
    // Each run continues with exactly the weights and moments at the end of the run before. Later weights are not those
    // of the whole run: after loading, tfjs computes the powers of Adam's betas with another rounding. If that changes the
    // sign of the input of a ReLU, the final weights differ by 2e-4.
    expect([second![0]!.before, third![0]!.before]).toEqual([first!.at(-1)!.after, second!.at(-1)!.after]);
  }, 300_000);

  it('saves nothing when it is stopped before an epoch has ended', async () => {
    const tree = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'Pipe' } });
    const config = join(tree.baseDir, 'input/config');
    writeFileSync(join(config, 'hyperparameters.json'), '{}');
    writeFileSync(join(config, 'resourceconfig.json'), '{ "current_host": "algo-1", "hosts": ["algo-1"] }');
    const env = { ...process.env, SAGEMAKER_BASE_DIR: tree.baseDir };
    const train = spawn(join(EXAMPLE, 'train'), { env, stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(train);
    const ended = once(train, 'close');
    const said = text(train.stdout);
    // The command waits for an open channel without data.
    const writer = await FifoWriter.open(tree.makeFifo('train', 0));
    train.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    writer.close();
    expect(await said).toBe('Stopped after 0 of 20 epochs.\n');
    expect(existsSync(join(tree.baseDir, 'model'))).toBe(false);
  });

  it('takes its hyperparameters from the job', async () => {
    const { ended } = startJob({
      ...REQUEST,
      HyperParameters: { epochs: '2', batchSize: '1437', learningRate: '0.001' },
    });
    const { exitCode, stdout } = await ended;
    expect([exitCode, accuraciesIn(stdout).length]).toEqual([0, 2]);
    // Two steps, one for each epoch, are too few to learn the digits.
    expect(accuraciesIn(stdout).at(-1)).toBeLessThan(0.8);
  });

  it.each([{ epochs: 'many' }, { epoch: '10' }])('refuses the hyperparameters %j', async (HyperParameters) => {
    const job = startJob({ ...REQUEST, HyperParameters });
    const { exitCode, stderr } = await job.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain(Object.keys(HyperParameters)[0]);
    expect(job.file('output/failure')?.toString()).toContain(Object.keys(HyperParameters)[0]);
    expect(job.file('model/model.json')).toBeUndefined();
  });

  it('tells SageMaker why it failed', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'digits.tfrecord'), readFileSync(join(DATA, 'train/digits.tfrecord')).subarray(0, 1000));
    const [train, validation] = REQUEST.InputDataConfig;
    const DataSource = { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: folder } } as const;
    const job = startJob({ ...REQUEST, InputDataConfig: [{ ...train!, DataSource }, validation!] });
    expect(await job.ended).toMatchObject({ exitCode: 1, stdout: '' });
    expect(job.file('output/failure')?.toString()).toMatch(/TFRecord.*byte/);
    expect(job.file('model/model.json')).toBeUndefined();
  });

  it('has a request for SageMaker that the local agent takes once its S3Uris are folders', () => {
    const request = requestWithFolders('createTrainingJob.json');
    const path = join(newFolder(), 'job.json');
    writeFileSync(path, JSON.stringify(request));
    const { TrainingJobName, HyperParameters, InputDataConfig } = readTrainingJob(path);
    expect({ TrainingJobName, HyperParameters }).toEqual({
      TrainingJobName: 'digits',
      HyperParameters: REQUEST.HyperParameters,
    });
    expect(InputDataConfig.map(({ ChannelName, InputMode }) => [ChannelName, InputMode])).toEqual([
      ['train', 'Pipe'],
      ['validation', 'Pipe'],
    ]);
    for (const { DataSource } of InputDataConfig) expect(existsSync(DataSource.S3DataSource.S3Uri)).toBe(true);
    // SageMaker's requirements.
    expect(request).toMatchObject({
      AlgorithmSpecification: { TrainingImage: expect.any(String) },
      RoleArn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
      OutputDataConfig: { S3OutputPath: expect.stringMatching(/^s3:/) },
      ResourceConfig: {
        InstanceType: expect.stringMatching(/^ml\./),
        InstanceCount: 1,
        VolumeSizeInGB: expect.any(Number),
      },
      StoppingCondition: { MaxRuntimeInSeconds: expect.any(Number), MaxWaitTimeInSeconds: expect.any(Number) },
      EnableManagedSpotTraining: true,
      CheckpointConfig: { S3Uri: expect.stringMatching(/^s3:/) },
    });
  });
});
