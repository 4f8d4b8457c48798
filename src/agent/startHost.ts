import { join } from 'node:path';
import { resolveDirectories } from '../sagemaker/directories.js';
import { schedulerEnvironment, type VariableScheduler } from '../hosts/schedulerVariables.js';
import { channelBytes } from './data/channelBytes.js';
import { checkpointFolder } from './job/checkpointConfig.js';
import { mirrorCheckpoints, type CheckpointMirror } from './tree/checkpointMirror.js';
import { itemsOfHost } from './data/epochItems.js';
import type { ChannelData } from './findChannels.js';
import type { LocalHost } from './job/localHost.js';
import { jobConfig, type HostPlace } from './job/jobConfig.js';
import { destinationAt, type WrittenPlace } from './tree/destination.js';
import type { Downloads } from './tree/downloads.js';
import { makeTree } from './tree/jobTree.js';
import { layOutFiles } from './tree/layOutFiles.js';
import { layOutTree } from './tree/layOutTree.js';
import { faultsOfEpoch } from './job/pipeFault.js';
import { offerEpochs, type ServedEpoch, type WatchEpoch } from './pipes/offerEpochs.js';
import { toolkitEnvironment } from './toolkit/toolkitEnvironment.js';
import type { TrackedWork } from './trackWork.js';
import type { TrainingJobSpec } from './job/trainingJobRequest.js';

export interface ServedJob {
  readonly job: TrainingJobSpec;
  readonly channels: readonly ChannelData[];
  readonly downloads: Downloads;
  readonly toolkitEnv: boolean;
  readonly scheduler: VariableScheduler | undefined;
  readonly checkpoints: WrittenPlace | undefined;
  readonly work: TrackedWork;
  readonly watch: WatchEpoch | undefined;
  readonly signal: AbortSignal | undefined;
  /** Ends the copies of checkpoints. */
  readonly copySignal: AbortSignal | undefined;
  readonly onEpoch: (served: ServedEpoch) => void;
  /** Called before files are written to the root folder. */
  readonly onFolder: (baseDir: string) => void;
  readonly onCheckpoints: (mirror: CheckpointMirror) => void;
  readonly onCheckpointFailure: (error: Error) => void;
}

export async function startHost(place: HostPlace, served: ServedJob): Promise<LocalHost> {
  const { job, channels, downloads, toolkitEnv, scheduler, work, onEpoch, watch, signal } = served;
  const baseDir = await makeTree();
  served.onFolder(baseDir);
  const config = jobConfig(job, place);
  await layOutTree(baseDir, config);
  await startCheckpoints(baseDir, place, served);
  const { pipeDir } = resolveDirectories({ baseDir });
  for (const found of channels) {
    const { channel } = found;
    const itemsOf = (epoch: number) => itemsOfHost(found, place, epoch);
    const { ChannelName: name } = channel;
    if (channel.InputMode === 'Pipe') {
      const epochBytes = (epoch: number) => channelBytes(itemsOf(epoch), channel, work.signal);
      const faultsOf = (epoch: number) => faultsOfEpoch(job.faults, name, epoch);
      await offerEpochs({ host: place.name, name, epochBytes, faultsOf }, { ...work, pipeDir, onEpoch, watch });
    } else {
      await layOutFiles(join(pipeDir, name), itemsOf(0), { downloads, signal });
    }
  }
  const toolkit = toolkitEnv ? await toolkitEnvironment({ baseDir, jobName: job.TrainingJobName, config }) : {};
  const scheduled = schedulerEnvironment(scheduler, {
    count: place.hosts.length,
    index: place.hosts.indexOf(place.name),
  });
  const environment = { ...toolkit, ...scheduled, ...platformEnvironment(job, baseDir) };
  return { name: place.name, baseDir, environment };
}

async function startCheckpoints(baseDir: string, { name }: HostPlace, served: ServedJob): Promise<void> {
  const { job, checkpoints, work } = served;
  if (checkpoints === undefined || job.CheckpointConfig === undefined) return;
  const local = checkpointFolder(baseDir, job.CheckpointConfig.LocalPath);
  const { signal, copySignal } = served;
  const destination = destinationAt(checkpoints, name, copySignal);
  const mirror = await mirrorCheckpoints({ destination, local, host: name, signal });
  served.onCheckpoints(mirror);
  work.track(mirror.copyWhile(work.signal, served.onCheckpointFailure));
}

/** No real job can have this ARN. */
function platformEnvironment(job: TrainingJobSpec, baseDir: string): Record<string, string> {
  return {
    ...job.Environment,
    SAGEMAKER_BASE_DIR: baseDir,
    TRAINING_JOB_NAME: job.TrainingJobName,
    TRAINING_JOB_ARN: `arn:aws:sagemaker:local:000000000000:training-job/${job.TrainingJobName}`,
  };
}
