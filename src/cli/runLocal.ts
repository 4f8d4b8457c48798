import { dirname, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import type { ServedEpoch } from '../agent/pipes/offerEpochs.js';
import { runLocalJob } from '../agent/runLocalJob.js';
import { readTrainingJob } from '../agent/job/trainingJobRequest.js';
import { localPath } from '../base/localPath.js';
import { parseOptions } from '../base/parseOptions.js';

interface LocalFlags {
  readonly graceSeconds: number;
  readonly hosts?: number;
  readonly interruptAfter?: number;
  readonly keep?: true;
  readonly map?: Readonly<Record<string, string>>;
  readonly manifestRoot?: string;
  readonly output?: string;
  readonly toolkitEnv?: true;
  readonly verbose?: true;
}

/** Sets the exit code of this process to that of the command. */
export async function runLocal(path: string, [command, ...args]: string[], self: Command): Promise<void> {
  parseOptions('<job.json>', localPath, path);
  const job = readTrainingJob(path);
  if (command === undefined) {
    self.error(`error: missing the command. Write it after --, as in millrace local ${path} -- node train.js`);
  }
  const flags = self.optsWithGlobals<LocalFlags>();
  const hosts = flags.hosts ?? job.ResourceConfig.InstanceCount;
  const ofHost = (host: string | undefined) => (hosts > 1 && host !== undefined ? ` of ${host}` : '');
  const { exitCode, failedHost, failureReason, interrupted, remark } = await runLocalJob({
    job,
    hosts,
    relativeTo: dirname(resolve(path)),
    manifestRoot: flags.manifestRoot,
    map: flags.map,
    toolkitEnv: flags.toolkitEnv,
    command,
    args,
    graceMs: flags.graceSeconds * 1000,
    interruptAfterMs: flags.interruptAfter === undefined ? undefined : flags.interruptAfter * 1000,
    keep: flags.keep,
    outputDir: flags.output,
    onStart: flags.keep && (({ name, baseDir }) => say(`the job's folder${ofHost(name)} is ${baseDir}. It is kept`)),
    onEpoch: flags.verbose && ((served) => say(describe(served, ofHost(served.host)))),
  });
  if (remark !== undefined) say(`the command${ofHost(failedHost)} ${remark}`);
  if (failureReason !== undefined) say(`the command${ofHost(failedHost)} failed: ${failureReason.trimEnd()}`);
  if (interrupted) say(describeInterruption(flags.interruptAfter, job.CheckpointConfig?.S3Uri));
  process.exitCode = exitCode;
}

function describeInterruption(seconds = 0, store: string | undefined): string {
  const next =
    store === undefined
      ? 'The job has no CheckpointConfig, so the next run starts from the beginning'
      : `To continue with the checkpoints in ${store}, run the command again without --interrupt-after`;
  return `interrupted after ${seconds} s, like a spot instance. ${next}`;
}

/** Standard output belongs to the command. */
function say(message: string): void {
  process.stderr.write(`millrace: ${message}\n`);
}

function describe({ channel, epoch, bytes, complete, faults = [] }: ServedEpoch, ofHost: string): string {
  const faulty = faults.length > 0 ? `, with the faults ${faults.join(', ')}` : '';
  return `${channel} epoch ${epoch}${ofHost}: ${bytes} bytes${complete ? '' : ', the reader left early'}${faulty}`;
}
