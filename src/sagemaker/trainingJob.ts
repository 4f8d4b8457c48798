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
   * The schema of the hyperparameters. Each value is first parsed as JSON. If the schema does not accept the parsed
   * value, the string is validated. So `z.number()`, `z.boolean()` and `z.string()` work without coercion. Default: all
   * hyperparameters, as strings.
   */
  readonly hyperparameters?: S | undefined;
}

/** The SageMaker training job of this container, made by {@link trainingJob}. */
export interface TrainingJob<H> extends Disposable {
  /** The job's name, from the environment variable `TRAINING_JOB_NAME`. */
  readonly name: string | undefined;
  readonly hyperparameters: H;
  /** The names of all hosts, in the same order on each host. */
  readonly hosts: readonly string[];
  readonly currentHost: string;
  /** The index of this host, from 0. */
  readonly rank: number;
  /** The job's channels by name, from `inputdataconfig.json`. */
  readonly channels: InputDataConfig;
  /** The folder of the model. SageMaker uploads it when the job ends. */
  readonly modelDir: string;
  /**
   * The folder of the checkpoints. With a `CheckpointConfig`, SageMaker uploads each change. All hosts upload to the
   * same destination, so use `currentHost` in file names.
   */
  readonly checkpointDir: string;
  /** The folder of other results. SageMaker uploads it when the job ends. */
  readonly outputDataDir: string;
  /** The signal that is aborted, with an `AbortError`, when SageMaker stops the job. */
  readonly signal: AbortSignal;
  /** Reports the cause of a failed job to SageMaker. */
  readonly fail: (error: unknown) => void;
  /** Removes the listener for SIGTERM. */
  readonly close: () => void;
}

const optionsSchema = z.strictObject({
  baseDir: z.string().min(1).optional(),
  configDir: z.string().min(1).optional(),
  hyperparameters: zodSchema.optional(),
});

/**
 * Reads the SageMaker training job of this process.
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
 * `signal`: SageMaker sends SIGTERM when the job is stopped or its maximum time is reached, and kills the container 120
 * seconds later. The first SIGTERM aborts `signal` and does not end the process. A channel with this signal then fails
 * with the signal's reason: save the model and exit. A second SIGTERM ends the process.
 *
 * `fail(error)` writes the error and its causes, truncated to 1,024 characters, to `output/failure`. SageMaker shows
 * this text as the job's `FailureReason`. `fail` also sets the exit code to 1 if no other code is set, because 0 means
 * success for SageMaker.
 *
 * `close()` (or `Symbol.dispose`) removes the listener, so that SIGTERM ends the process again. All other properties
 * remain usable.
 *
 * @throws ConfigError if options are invalid, or if `hyperparameters.json`, `resourceconfig.json` or
 *   `inputdataconfig.json` in `input/config` is missing or invalid. Its `path` is the place of the first problem. The
 *   error is also written to `output/failure`, because the script has no job object and cannot call `fail`.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export function trainingJob<S extends z.ZodType = z.ZodType<Readonly<Record<string, string>>>>(
  options: TrainingJobOptions<S> = {},
): TrainingJob<z.output<S>> {
  const { hyperparameters = z.record(z.string(), z.string()) } = parseOptions('trainingJob', optionsSchema, options);
  const { baseDir, configDir } = resolveDirectories(options);
  const outputDir = join(baseDir, 'output');
  const facts = reportingFailure(outputDir, () => {
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

/**
 * Calls `read`. If it throws, writes the error to `output/failure` if the base folder exists, and rethrows the error.
 */
function reportingFailure<T>(outputDir: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    try {
      if (existsSync(dirname(outputDir))) writeFailure(outputDir, error);
    } catch {
      // A write error must not hide the original error.
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
