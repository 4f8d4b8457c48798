import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { zodSchema } from '../base/zodSchema.js';
import { resolveDirectories, type DirectoryOptions } from './directories.js';
import { failureText } from './failureText.js';
import { readHyperparameters } from './hyperparameters.js';
import { readInputDataConfig, type InputDataConfig } from './inputDataConfig.js';
import { rankOf, readResourceConfig } from './resourceConfig.js';

/** Options of {@link trainingJob}. */
export interface TrainingJobOptions<S extends z.ZodType> extends Pick<DirectoryOptions, 'baseDir' | 'configDir'> {
  /**
   * The schema of the hyperparameters. Each value comes as what it says in JSON, or where the schema refuses that, as
   * the string that it is: `z.number()`, `z.boolean()`, `z.enum([…])`, `z.array(z.number())` and `z.string()` are enough.
   * Default: all of them, as strings.
   */
  readonly hyperparameters?: S | undefined;
}

/** A SageMaker training job, as this container sees it. Made by {@link trainingJob}. */
export interface TrainingJob<H> extends Disposable {
  /** From the variable `TRAINING_JOB_NAME`. */
  readonly name: string | undefined;
  readonly hyperparameters: H;
  /** All hosts of the job, in the same order on each. */
  readonly hosts: readonly string[];
  readonly currentHost: string;
  /** The place of this host among them, from 0. */
  readonly rank: number;
  /** The job's channels by name, as `inputdataconfig.json` has them; `TrainingInputMode` is how each is read. */
  readonly channels: InputDataConfig;
  /** What is saved here becomes the model: SageMaker uploads it at the end. */
  readonly modelDir: string;
  /** Uploaded as it changes if the job has a `CheckpointConfig`. All hosts share it: put `currentHost` into files' names. */
  readonly checkpointDir: string;
  /** What else is to be uploaded at the end. */
  readonly outputDataDir: string;
  /** Aborted when SageMaker asks the job to stop, with an `AbortError` as its reason. */
  readonly signal: AbortSignal;
  /** Tells SageMaker why the job has failed. */
  readonly fail: (error: unknown) => void;
  /** Lets SIGTERM end the process again. */
  readonly close: () => void;
}

const optionsSchema = z.strictObject({
  baseDir: z.string().min(1).optional(),
  configDir: z.string().min(1).optional(),
  hyperparameters: zodSchema.optional(),
});

/**
 * The training job that this process runs in, as a typed value.
 *
 * ```ts
 * import { channel, trainingJob } from 'millrace';
 * import { decodeTFRecord } from 'millrace/operators';
 * import { count, lastValueFrom } from 'rxjs';
 * import { z } from 'zod';
 *
 * const job = trainingJob({ hyperparameters: z.object({ epochs: z.int().default(10), augment: z.boolean() }) });
 * try {
 *   const records$ = channel('train', { signal: job.signal }).pipe(decodeTFRecord(), count());
 *   console.log(job.hyperparameters.epochs, await lastValueFrom(records$), `host ${job.rank} of ${job.hosts.length}`);
 * } catch (error) {
 *   if (!job.signal.aborted) job.fail(error);
 * } finally {
 *   job.close();
 * }
 * ```
 *
 * `signal`: SageMaker sends SIGTERM when the job is stopped or its time is up, and kills the container 120 seconds later.
 * From this call on, that no longer ends the process but aborts the signal, once: a second SIGTERM ends it. A channel
 * that is given the signal ends with its reason; what remains is to save the model and end.
 *
 * `fail(error)` writes the error and its causes to `output/failure`, the first 1,024 characters, which is what SageMaker
 * shows as the job's `FailureReason`. It has the process end with the code 1, unless another one is set already, since
 * SageMaker takes 0 for success.
 *
 * `close()`, which is also `Symbol.dispose`, takes the listener for SIGTERM off; the rest stays usable.
 *
 * @throws ConfigError at the call for bad options, or when `hyperparameters.json`, `resourceconfig.json` or
 *   `inputdataconfig.json` below `input/config` is missing or invalid, with the path of the first fault. The error is
 *   also written to `output/failure`, because the script has no job yet whose `fail` it could call.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export function trainingJob<S extends z.ZodType = z.ZodType<Readonly<Record<string, string>>>>(
  options: TrainingJobOptions<S> = {},
): TrainingJob<z.output<S>> {
  const { hyperparameters = z.record(z.string(), z.string()) } = parseOptions('trainingJob', optionsSchema, options);
  const { baseDir, configDir } = resolveDirectories(options);
  const outputDir = join(baseDir, 'output');
  const facts = tellingFailure(outputDir, () => {
    const resources = readResourceConfig(configDir);
    return {
      hyperparameters: readHyperparameters(configDir, hyperparameters) as z.output<S>,
      hosts: resources.hosts,
      currentHost: resources.current_host,
      rank: rankOf(resources),
      channels: readInputDataConfig(configDir),
    };
  });
  return {
    name: process.env['TRAINING_JOB_NAME'],
    ...facts,
    modelDir: join(baseDir, 'model'),
    checkpointDir: join(baseDir, 'checkpoints'),
    outputDataDir: join(outputDir, 'data'),
    fail: (error) => {
      if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = 1;
      writeFailure(outputDir, error);
    },
    ...listenForStop(),
  };
}

/** Runs `read`. Writes its error to `output/failure` if this is the tree of a job, and throws it in any case. */
function tellingFailure<T>(outputDir: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    try {
      if (existsSync(dirname(outputDir))) writeFailure(outputDir, error);
    } catch {
      // A tree that cannot be written to must not hide the error itself.
    }
    throw error;
  }
}

function writeFailure(outputDir: string, error: unknown): void {
  mkdirSync(outputDir, { recursive: true });
  writeFileSync(join(outputDir, 'failure'), failureText(error));
}

function listenForStop() {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort(new DOMException('SageMaker asked the training job to stop (SIGTERM).', 'AbortError'));
  };
  process.once('SIGTERM', stop);
  const close = (): void => {
    process.off('SIGTERM', stop);
  };
  return { signal: controller.signal, close, [Symbol.dispose]: close };
}
