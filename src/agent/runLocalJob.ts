import { constants } from 'node:os';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { milliseconds } from '../base/optionFields.js';
import { parseOptions } from '../base/parseOptions.js';
import { catchStopSignals, type StopSignal, type StopSignals } from '../base/catchStopSignals.js';
import { keepTree } from './tree/jobTree.js';
import { copyResults, readFailure, type UploadProgress } from './tree/jobResults.js';
import { runHosts, type HostsEnd } from './commands/runHosts.js';
import type { LocalHost } from './job/localHost.js';
import { startAgent, type LocalAgent, type LocalAgentOptions } from './startLocalAgent.js';
import type { TrainingJobRequest } from './job/trainingJobRequest.js';

const DEFAULT_GRACE_MS = 120_000;

/** `EX_TEMPFAIL` of `sysexits.h`. */
const INTERRUPTED_EXIT_CODE = 75;

const optionsSchema = lazy(() =>
  z.looseObject({
    command: z.string().min(1),
    graceMs: milliseconds().default(DEFAULT_GRACE_MS),
    interruptAfterMs: milliseconds().optional(),
  }),
);

/** A training job and the command that trains. */
export interface LocalJobOptions extends Omit<LocalAgentOptions, 'onError' | 'signal'> {
  readonly job: TrainingJobRequest;
  /** The program, which is searched in the PATH and started without a shell. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** The time between SIGTERM and SIGKILL, in milliseconds. Default: 120,000, as in SageMaker. */
  readonly graceMs?: number | undefined;
  /**
   * The time after which the job is interrupted as on a spot instance (by SIGTERM), in milliseconds. To test whether
   * the training resumes, run the same job again.
   */
  readonly interruptAfterMs?: number | undefined;
  /**
   * The folder or `s3://` URI to which `model` and `output` are copied when the command ends, also after a failure. If
   * there are several hosts, each has a subfolder.
   */
  readonly outputDir?: string | undefined;
  /** Called during uploads to the `s3://` URI of `outputDir`. */
  readonly onUpload?: ((progress: UploadProgress) => void) | undefined;
  /** If true, keeps the hosts' folders. Default: false. */
  readonly keep?: boolean | undefined;
  /** Called when a host's folders are ready, before the command starts. */
  readonly onStart?: ((host: LocalHost) => void) | undefined;
  /**
   * Called at once if data cannot be served. The command receives SIGTERM, and `runLocalJob` rejects with the error.
   */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** The result of a local job. */
export interface LocalJobResult {
  /**
   * The command's exit code, 128 plus the number of the signal that ended it, or 75 after an interruption. With several
   * hosts, the exit code of the command that failed first.
   */
  readonly exitCode: number;
  /** True after an interruption by `interruptAfterMs`. */
  readonly interrupted: boolean;
  /** The host whose command failed first. `undefined` if no command failed. */
  readonly failedHost: string | undefined;
  /** The text of `output/failure`, truncated to 1,024 characters as in SageMaker. */
  readonly failureReason: string | undefined;
  /**
   * An explanation and a remedy if a signal ended the command, or if the command ignored or did not forward a signal. A
   * sentence without its subject (the command).
   */
  readonly remark: string | undefined;
}

/**
 * Runs a whole training job: starts the agent, runs the command, and removes the hosts' folders. The command runs once
 * for each host, at the same time. If one command fails, the other commands are ended.
 *
 * The command runs in the current working directory and terminal. Its environment is this process's environment plus
 * `LocalHost.environment`. With several hosts, the commands have no input, and each output line begins with the host's
 * name.
 *
 * SIGINT, SIGTERM and SIGHUP are forwarded only to the command, like in SageMaker. Before the command starts, these
 * signals end the job. The command and its processes are killed after a second signal, after `graceMs`, or when this
 * process dies. After the command has ended, a signal ends the copying of results and checkpoints, and the hosts'
 * folders are kept. A further signal ends this process at once.
 *
 * @throws ConfigError if the job is not supported or the command cannot be started.
 * @throws MillraceError `ERR_PLATFORM` if the system has no FIFOs; `ERR_AGENT` if data cannot be served, or if results
 *   or the last checkpoints cannot be copied (the hosts' folders are kept).
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
  const { graceMs, interruptAfterMs } = parseOptions('runLocalJob', optionsSchema(), options);
  const { job, command, args = [], ...agentOptions } = options;
  const { outputDir } = options;

  let isEnding = false;
  const onError = (error: Error) => {
    options.onError?.(error);
    // A second SIGTERM would kill the command.
    if (!isEnding) signals.request('SIGTERM');
    isEnding = true;
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  signals.stopOnce((name) => stopping.abort(name));
  const starting = startAgent(job, { ...agentOptions, onError, signal }, { outputDir, copySignal: signal });
  const started = await starting.catch((error: unknown) => {
    if (error !== signal.reason) throw error;
  });
  if (started === undefined || signal.aborted) {
    await started?.agent.close();
    return stoppedBy(signal.reason as StopSignal);
  }
  const { agent, output } = started;
  let keep = options.keep ?? false;
  let result: LocalJobResult | undefined;
  const failures: unknown[] = [];
  const unlessStopped = (error: unknown) => {
    if (!signal.aborted) throw error;
    failures.push(error);
  };
  try {
    if (keep) await keepTrees(agent);
    for (const host of agent.hosts) options.onStart?.(host);
    const end = await runHosts(agent.hosts, { command, args, graceMs, interruptAfterMs }, signals);
    isEnding = true;
    signals.stopOnce((name) => stopping.abort(name));
    if (output !== undefined) {
      // If this process is killed, the next agent must not remove the results.
      await keepTrees(agent);
      keep = true;
      await copyResults(agent.hosts, output, { signal, onUpload: options.onUpload });
      keep = options.keep ?? false;
    }
    result = await resultOf(end);
  } catch (error) {
    unlessStopped(error);
  } finally {
    await agent.close({ keep }).catch(unlessStopped);
  }
  return result && failures.length === 0 ? result : stoppedBy(signal.reason as StopSignal, failures);
}

async function keepTrees({ hosts }: LocalAgent): Promise<void> {
  await Promise.all(hosts.map(({ baseDir }) => keepTree(baseDir)));
}

async function resultOf({ failed, ...end }: HostsEnd): Promise<LocalJobResult> {
  const failureReason = failed && (await readFailure(failed.baseDir));
  const exitCode = end.interrupted ? INTERRUPTED_EXIT_CODE : end.exitCode;
  return { ...end, exitCode, failedHost: failed?.name, failureReason };
}

function stoppedBy(signal: StopSignal, failures: readonly unknown[] = []): LocalJobResult {
  const exitCode = 128 + constants.signals[signal];
  const reasons = failures.map((error) => (error as Error).message).join('. ');
  const remark = reasons === '' ? undefined : `ended before ${signal} stopped this job. ${reasons}`;
  return { exitCode, interrupted: false, failedHost: undefined, failureReason: undefined, remark };
}
