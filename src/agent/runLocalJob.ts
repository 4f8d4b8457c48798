import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../base/errors.js';
import { milliseconds } from '../base/optionFields.js';
import { parseOptions } from '../base/parseOptions.js';
import { catchStopSignals, type StopSignal, type StopSignals } from './commands/catchStopSignals.js';
import { keepTree } from './tree/jobTree.js';
import { copyResults, readFailure } from './tree/jobResults.js';
import { runHosts } from './commands/runHosts.js';
import type { LocalHost } from './job/localHost.js';
import { startLocalAgent, type LocalAgentOptions } from './startLocalAgent.js';
import type { TrainingJobRequest } from './job/trainingJobRequest.js';

/** SageMaker's time between SIGTERM and SIGKILL. */
const DEFAULT_GRACE_MS = 120_000;

/** `EX_TEMPFAIL` of `sysexits.h`: try again later. */
const INTERRUPTED_EXIT_CODE = 75;

const optionsSchema = z.looseObject({
  command: z.string().min(1),
  graceMs: milliseconds.default(DEFAULT_GRACE_MS),
  interruptAfterMs: milliseconds.optional(),
});

/** A training job and the command that trains. */
export interface LocalJobOptions extends Omit<LocalAgentOptions, 'onError' | 'signal'> {
  readonly job: TrainingJobRequest;
  /** The program, which is searched in the PATH and started without a shell. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** The time between SIGTERM and SIGKILL, in milliseconds. Default: 120,000, as in SageMaker. */
  readonly graceMs?: number | undefined;
  /**
   * Interrupts the job this many milliseconds after the start of the command, as if SageMaker took back a spot
   * instance: with SIGTERM, then with SIGKILL after `graceMs`. Run the same job again to test whether the training
   * resumes from its checkpoints.
   */
  readonly interruptAfterMs?: number | undefined;
  /**
   * The folder to which `model` and `output` are copied when the command has ended, also after a failure. If there are
   * several hosts, each host has a subfolder with its name.
   */
  readonly outputDir?: string | undefined;
  /** Keeps the hosts' folders instead of removing them. Default: false. */
  readonly keep?: boolean | undefined;
  /** Called for each host when the host's folders are ready, before the command is started. */
  readonly onStart?: ((host: LocalHost) => void) | undefined;
}

/** The result of a local job. */
export interface LocalJobResult {
  /**
   * The command's exit code, or 128 plus the number of the signal that ended the command. It is 75 if
   * `interruptAfterMs` interrupted the command. If there are several hosts, it is the exit code of the first host that
   * failed.
   */
  readonly exitCode: number;
  /** Whether `interruptAfterMs` interrupted the command. */
  readonly interrupted: boolean;
  /** The name of the first host that failed; `undefined` if none failed. */
  readonly failedHost: string | undefined;
  /** The text that the failed command wrote to `output/failure`, cut to 1,024 characters as in SageMaker. */
  readonly failureReason: string | undefined;
  /**
   * An explanation and a remedy if the exit code is not enough: a signal ended the command of the failed host, or that
   * command ignored a signal or did not pass it on. The explanation is a sentence without a subject.
   */
  readonly remark: string | undefined;
}

/**
 * Runs a whole training job: starts the agent, runs the command, and removes the hosts' folders when the command has
 * ended. If the job has several hosts, one command for each host runs at the same time, each with its own folders. If
 * one command fails, the others are ended.
 *
 * The command runs in the current working directory and terminal. The command's environment is the environment of this
 * process plus the variables that the platform sets. If there are several hosts, the commands have no input, and each
 * line of output begins with the host's name.
 *
 * SIGINT, SIGTERM and SIGHUP of this process are passed on to the command, as SageMaker signals the first process of a
 * container. A signal before the command is started ends the job immediately. The command and all processes that it has
 * started are killed after a second signal, after the grace period, or when this process dies. If the agent cannot
 * serve the data, it sends SIGTERM to the command and throws the error.
 *
 * @throws ConfigError if the job is not supported or the command cannot be started.
 * @throws MillraceError `ERR_PLATFORM` if the system has no FIFOs; `ERR_AGENT` if data cannot be served, or if the
 *   results cannot be copied. In the last case the hosts' folders are kept.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-envvariables.html
 */
export async function runLocalJob(options: LocalJobOptions): Promise<LocalJobResult> {
  const signals = catchStopSignals();
  try {
    return await runUnder(signals, options);
  } finally {
    signals.release();
  }
}

async function runUnder(signals: StopSignals, options: LocalJobOptions): Promise<LocalJobResult> {
  const { graceMs, interruptAfterMs } = parseOptions('runLocalJob', optionsSchema, options);
  const { job, command, args = [], ...agentOptions } = options;
  const outputDir = options.outputDir === undefined ? undefined : resolve(options.outputDir);
  // Made before the training, because an error after the training would come too late.
  if (outputDir !== undefined) await makeFolder(outputDir);

  let isEnding = false;
  const onError = () => {
    // A second SIGTERM would kill the command.
    if (!isEnding) signals.request('SIGTERM');
    isEnding = true;
  };
  const starting = new AbortController();
  signals.deliverTo((signal) => starting.abort(signal));
  const { signal } = starting;
  const agent = await startLocalAgent(job, { ...agentOptions, onError, signal }).catch((error: unknown) => {
    if (error !== signal.reason) throw error;
  });
  if (agent === undefined || signal.aborted) {
    await agent?.close();
    return stoppedBy(signal.reason as StopSignal);
  }
  let keep = options.keep ?? false;
  try {
    if (keep) await Promise.all(agent.hosts.map(({ baseDir }) => keepTree(baseDir)));
    for (const host of agent.hosts) options.onStart?.(host);
    const end = await runHosts(agent.hosts, { command, args, graceMs, interruptAfterMs }, signals);
    if (outputDir !== undefined) {
      await copyResults(agent.hosts, outputDir).catch((error: unknown) => {
        keep = true;
        throw error;
      });
    }
    const { failed, ...rest } = end;
    const failureReason = failed && (await readFailure(failed.baseDir));
    const exitCode = end.interrupted ? INTERRUPTED_EXIT_CODE : end.exitCode;
    return { ...rest, exitCode, failedHost: failed?.name, failureReason };
  } finally {
    await agent.close({ keep });
  }
}

/** Returns the result of a job whose command was never started. */
function stoppedBy(signal: StopSignal): LocalJobResult {
  const exitCode = 128 + constants.signals[signal];
  return { exitCode, interrupted: false, failedHost: undefined, failureReason: undefined, remark: undefined };
}

async function makeFolder(outputDir: string): Promise<void> {
  try {
    await mkdir(outputDir, { recursive: true });
  } catch (cause) {
    const message = `outputDir (--output): expected a folder, or a path at which a folder can be created, found ${outputDir}: ${String(cause)}`;
    throw new ConfigError(message, { path: 'outputDir', cause });
  }
}
