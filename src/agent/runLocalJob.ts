import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { catchStopSignals, type StopSignal, type StopSignals } from './commands/catchStopSignals.js';
import { keepTree } from './tree/jobTree.js';
import { copyResults, readFailure } from './tree/jobResults.js';
import { runHosts } from './commands/runHosts.js';
import type { LocalHost } from './job/localHost.js';
import { startLocalAgent, type LocalAgentOptions } from './startLocalAgent.js';
import type { TrainingJobRequest } from './job/trainingJobRequest.js';

/** As SageMaker gives a training container between SIGTERM and SIGKILL. */
const DEFAULT_GRACE_MS = 120_000;

/** `EX_TEMPFAIL` of `sysexits.h`: try again later. */
const INTERRUPTED_EXIT_CODE = 75;

/** The longest delay of a timer is 2^31 - 1 ms. A timer with a longer one fires at once. */
const milliseconds = z
  .number()
  .min(0)
  .max(2 ** 31 - 1);

const optionsSchema = z.looseObject({
  command: z.string().min(1),
  graceMs: milliseconds.default(DEFAULT_GRACE_MS),
  interruptAfterMs: milliseconds.optional(),
});

/** A training job and the command that trains. */
export interface LocalJobOptions extends Omit<LocalAgentOptions, 'onError' | 'signal'> {
  readonly job: TrainingJobRequest;
  /** Looked up in the PATH; no shell is involved. */
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** How long the command may take to end once it was asked to. Default: 120,000, as in SageMaker. */
  readonly graceMs?: number | undefined;
  /**
   * Interrupts the job this many milliseconds after its command was started, as SageMaker takes a spot instance back:
   * SIGTERM, then SIGKILL after `graceMs`. Run the same job again to see whether the training goes on from its
   * checkpoints.
   */
  readonly interruptAfterMs?: number | undefined;
  /**
   * A folder to which `model` and `output` are copied when the command has ended, well or badly. Of several hosts each
   * has a folder of its name there.
   */
  readonly outputDir?: string | undefined;
  /** Keeps the trees instead of removing them. Default: false. */
  readonly keep?: boolean | undefined;
  /** Told of each host and where its tree stands, before the command is started. */
  readonly onStart?: ((host: LocalHost) => void) | undefined;
}

/** How a local job ended. */
export interface LocalJobResult {
  /**
   * The command's exit code, or 128 plus the number of the signal that ended it; 75 if `interruptAfterMs` interrupted
   * it. With several hosts, that of the first host that failed.
   */
  readonly exitCode: number;
  /** Whether `interruptAfterMs` interrupted the command. */
  readonly interrupted: boolean;
  /** The name of that host; `undefined` when all is well. */
  readonly failedHost: string | undefined;
  /** What a failed command wrote to `output/failure`, cut as SageMaker cuts it. */
  readonly failureReason: string | undefined;
  /**
   * How the command of that host ended, if the exit code does not say enough: a signal ended it, or it ignored a signal
   * or did not pass it on. It also says what to do. A sentence without its subject.
   */
  readonly remark: string | undefined;
}

/**
 * Plays a whole training job: starts the agent, runs the command on its tree and, when that has ended, removes
 * everything. A job of several hosts has the command run once for each at the same time, with a tree of its own; when one
 * fails the others are ended.
 *
 * The command runs in this working directory and on this terminal, with this process's environment and the variables
 * that the platform sets. Of several hosts none has an input, and the lines that they write come out with the host's
 * name before them. Until the command has ended, SIGINT, SIGTERM and SIGHUP to this process are passed on to it, as
 * SageMaker signals the first process of a container. A second signal, the end of the grace period, or the death of
 * this process kills the command and all that it has started. If the agent fails to serve the data, it ends the command
 * by SIGTERM and throws the error. A signal before the command has been started ends the job at once.
 *
 * @throws ConfigError for a job that cannot be played or a command that cannot be run; MillraceError `ERR_PLATFORM`
 *   where there are no FIFOs, `ERR_AGENT` when data could not be served or the results not be copied (the tree is kept then).
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
  // Better to learn now that this folder cannot be made than after the training.
  if (outputDir !== undefined) await mkdir(outputDir, { recursive: true });

  let isEnding = false;
  const onError = () => {
    // A second request would kill the command.
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
