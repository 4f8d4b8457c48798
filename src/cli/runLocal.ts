import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { adviseExplain, explainPosition, type FifoPosition } from '../agent/data/explainPosition.js';
import { findChannels } from '../agent/findChannels.js';
import type { ServedEpoch } from '../agent/pipes/offerEpochs.js';
import { runLocalJob, type LocalJobResult } from '../agent/runLocalJob.js';
import { readTrainingJob } from '../agent/job/trainingJobRequest.js';
import type { DownloadProgress } from '../agent/tree/downloads.js';
import { localPath } from '../base/localPath.js';
import { withoutPeriod } from '../base/reasonOfFailure.js';
import { parseOptions } from '../base/parseOptions.js';
import { printable } from '../base/printable.js';
import type { VariableScheduler } from '../hosts/schedulerVariables.js';
import type { Store } from '../stores/store.js';
import { Progress } from './progress.js';
import type { CommandWatch } from './watchCommand.js';

const SIGNAL_EXIT_CODE = 128;

/** The capacity of a pipe on Linux. A FIFO accepts this many bytes before its reader reads any. */
const PIPE_BYTES = 65_536;

interface LocalFlags {
  readonly explain?: FifoPosition;
  readonly graceSeconds: number;
  readonly hosts?: number;
  readonly interruptAfter?: number;
  readonly json?: true;
  readonly keep?: true;
  readonly map?: Readonly<Record<string, string>>;
  readonly manifestRoot?: string;
  readonly output?: string;
  readonly quiet?: true;
  readonly s3Root?: string;
  readonly scheduler?: VariableScheduler;
  readonly toolkitEnv?: true;
  readonly verbose?: true;
}

interface LocalArguments {
  readonly path: string;
  readonly words: readonly string[];
  readonly stores: readonly Store[];
  /** Measures the command for `--page` and `--trace`. */
  readonly watched?: CommandWatch | undefined;
}

/** Sets the exit code to that of the command. With `--explain`, runs no command. */
export async function runLocal({ path, words, stores, watched }: LocalArguments, self: Command): Promise<void> {
  const [command, ...args] = words;
  parseOptions('<job.json>', localPath(), path);
  const job = readTrainingJob(path);
  const flags = self.optsWithGlobals<LocalFlags>();
  const hosts = flags.hosts ?? job.ResourceConfig.InstanceCount;
  const { manifestRoot, map, s3Root } = flags;
  const places = { hosts, relativeTo: dirname(resolve(path)), manifestRoot, map, s3Root, store: stores };
  if (flags.explain !== undefined) {
    const sentences = await explainPosition(await findChannels(job, places), flags.explain);
    const line = flags.json ? asMessage : printable;
    process.stdout.write(sentences.map((sentence) => `${line(sentence)}\n`).join(''));
    return;
  }
  if (command === undefined) {
    self.error(`error: missing the command. Write it after "--", as in millrace local ${path} -- node train.js`);
  }
  /** Standard output belongs to the command. */
  const say = (message: string): void => {
    process.stderr.write(`${flags.json ? asMessage(message) : `millrace: ${message}`}\n`);
  };
  const showsProgress = !flags.quiet && !flags.json;
  const ofHost = (host: string | undefined) => (hosts > 1 && host !== undefined ? ` of ${host}` : '');
  /** The first epoch that was not read to its end. If there is none, the last epoch that fits into a pipe. */
  let unread: ServedEpoch | undefined;
  const result = await runLocalJob({
    job,
    ...places,
    toolkitEnv: flags.toolkitEnv,
    ...{ command, args, scheduler: flags.scheduler },
    graceMs: flags.graceSeconds * 1000,
    interruptAfterMs: flags.interruptAfter === undefined ? undefined : flags.interruptAfter * 1000,
    keep: flags.keep,
    watch: watched?.watch,
    outputDir: flags.output,
    onDownload: showsProgress ? showTransfer('downloaded') : undefined,
    onUpload: showsProgress ? showTransfer('uploaded') : undefined,
    onCheckpointFailure: ({ message }) =>
      say(`${withoutPeriod(message)}. millrace tries again every second, and once more at the end of the job`),
    onError: ({ message }) => say(printable(`${withoutPeriod(message)}. The command receives SIGTERM`)),
    onStart: flags.keep && (({ name, baseDir }) => say(`the job's folder${ofHost(name)} is ${baseDir}. It is kept`)),
    onEpoch: (served) => {
      const mayBeUnread = !served.complete || served.bytes <= PIPE_BYTES;
      if (mayBeUnread && unread?.complete !== false) unread = served;
      if (!flags.verbose) return;
      if (flags.json) process.stderr.write(`${JSON.stringify(served)}\n`);
      else say(describe(served, ofHost(served.host)));
    },
  });
  const subject = `the command${ofHost(result.failedHost)}`;
  const { exitCode, failureReason, interrupted, remark } = result;
  if (remark !== undefined) say(`${subject} ${remark}`);
  if (failureReason !== undefined) say(`${subject} failed: ${failureReason.trimEnd()}`);
  if (unread && !interrupted && exitCode > 0 && exitCode < SIGNAL_EXIT_CODE) say(adviseExplain(path, unread));
  if (flags.interruptAfter !== undefined) {
    const sentence = describeInterruption(result, flags.interruptAfter, job.CheckpointConfig?.S3Uri);
    if (sentence !== undefined) say(sentence);
  }
  if ((await watched?.end()) === false) say('the command opened no FIFO, so --page and --trace wrote nothing');
  if (flags.json) process.stderr.write(`${JSON.stringify(result)}\n`);
  process.exitCode = exitCode;
}

/** Exit code 0 can mean a saved state or a complete training. */
function describeInterruption(
  { interrupted, failedHost, exitCode }: LocalJobResult,
  seconds: number,
  store: string | undefined,
): string | undefined {
  if (!interrupted) {
    const sentence = `the command ended within the ${seconds} s of --interrupt-after, so the job was not interrupted`;
    return exitCode < SIGNAL_EXIT_CODE ? sentence : undefined;
  }
  const condition =
    failedHost === undefined
      ? 'The command then ended with exit code 0. If the training is not complete'
      : 'To continue';
  const next =
    store === undefined
      ? 'The job has no CheckpointConfig, so the next run starts from the beginning'
      : `The next run continues with the checkpoints in ${store}`;
  return `interrupted after ${seconds} s, like a spot instance. ${condition}, run the command again without --interrupt-after. ${next}`;
}

/** Clears the line at the end, because the command uses the terminal. */
function showTransfer(verb: 'downloaded' | 'uploaded'): (progress: DownloadProgress) => void {
  let shown: Progress | undefined;
  return ({ bytes, byteLength }) => {
    shown ??= new Progress(process.stderr, { total: byteLength, verb });
    if (bytes < byteLength) shown.show({ bytes });
    else shown.clear();
  };
}

const asMessage = (message: string): string => JSON.stringify({ message });

function describe({ channel, epoch, bytes, complete, faults = [] }: ServedEpoch, ofHost: string): string {
  const faulty = faults.length > 0 ? `, with the faults ${faults.join(', ')}` : '';
  return `${channel} epoch ${epoch}${ofHost}: ${bytes} bytes${complete ? '' : ', the reader left early'}${faulty}`;
}
