import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
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
   * The schema of the hyperparameters. Validates each value as parsed JSON, or else as a string, so `z.number()`,
   * `z.boolean()` and `z.string()` need no coercion. Default: all hyperparameters, as strings.
   */
  readonly hyperparameters?: S | undefined;
}

/** The SageMaker training job of this container. */
export interface TrainingJob<H> extends Disposable {
  /** The name of the job, from the environment variable `TRAINING_JOB_NAME`. */
  readonly name: string | undefined;
  readonly hyperparameters: H;
  /** The names of all hosts, in the same order on each host. */
  readonly hosts: readonly string[];
  readonly currentHost: string;
  /** The index of this host in `hosts`. */
  readonly rank: number;
  /** The channels by name, from `inputdataconfig.json`. */
  readonly channels: InputDataConfig;
  /** The folder of the model, which SageMaker uploads when the job ends. */
  readonly modelDir: string;
  /**
   * The folder of the checkpoints. With a `CheckpointConfig`, SageMaker uploads each change. All hosts upload to the
   * same destination, so use `currentHost` in file names.
   */
  readonly checkpointDir: string;
  /** The folder of other results, which SageMaker uploads when the job ends. */
  readonly outputDataDir: string;
  /** Aborted with an `AbortError` when SageMaker stops the job. */
  readonly signal: AbortSignal;
  /** Reports the cause of a failed job. */
  readonly fail: (error: unknown) => void;
  /** Removes the listener for SIGTERM. */
  readonly close: () => void;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    baseDir: z.string().min(1).optional(),
    configDir: z.string().min(1).optional(),
    hyperparameters: zodSchema().optional(),
  }),
);

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
 * seconds later. The first SIGTERM aborts `signal`, and a channel with this signal fails with the signal's reason. Then
 * save the model and exit. A second SIGTERM ends the process.
 *
 * `fail(error)` writes the error and its causes, truncated to 1,024 characters, to `output/failure`. SageMaker shows
 * this text as the job's `FailureReason`. If no exit code is set, `fail` sets it to 1.
 *
 * After `close()` (or `Symbol.dispose`), SIGTERM ends the process immediately.
 *
 * @throws ConfigError if options are invalid, or if `hyperparameters.json`, `resourceconfig.json` or
 *   `inputdataconfig.json` in `input/config` is missing or invalid. The error's `path` names the first invalid part.
 *   The error is also written to `output/failure`.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export function trainingJob<S extends z.ZodType = z.ZodType<Readonly<Record<string, string>>>>(
  options: TrainingJobOptions<S> = {},
): TrainingJob<z.output<S>> {
  const { hyperparameters = z.record(z.string(), z.string()) } = parseOptions('trainingJob', optionsSchema(), options);
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

/** Writes an error of `read` to `output/failure` if the base folder exists, and rethrows the error. */
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
