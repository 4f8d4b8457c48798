import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { localPath } from '../base/localPath.js';
import { abortSignal } from '../base/optionFields.js';
import { parseOptions } from '../base/parseOptions.js';
import { SCHEDULER_VARIABLES, type VariableScheduler } from '../hosts/schedulerVariables.js';
import { dataRoot, listItems, type ChannelItem, type ListItemsOptions } from './data/listItems.js';
import { hostCount, hostNames } from './job/hostCount.js';
import type { JobChannel } from './job/jobChannel.js';
import { readS3Map, s3MapSchema } from './job/s3Map.js';
import { s3Stores } from './job/s3Stores.js';
import { trainingJobSchema, type TrainingJobRequest, type TrainingJobSpec } from './job/trainingJobRequest.js';

const optionsSchema = lazy(() =>
  z.object({
    hosts: hostCount().optional(),
    relativeTo: z.string().default(() => process.cwd()),
    manifestRoot: z.string().min(1).optional(),
    map: s3MapSchema().default({}),
    s3Root: localPath().optional(),
    store: s3Stores(),
    signal: abortSignal().optional(),
    toolkitEnv: z.boolean().default(false),
    scheduler: z.enum(SCHEDULER_VARIABLES.map(({ scheduler }) => scheduler)).optional(),
  }),
);

export interface ChannelData {
  readonly channel: JobChannel;
  /** The location of the channel's data: a URL in a store, or the real path of the folder, file or manifest. */
  readonly root: string;
  readonly items: readonly ChannelItem[];
}

type Places = Omit<ListItemsOptions, 'configPath'>;

export interface FoundJob {
  readonly job: TrainingJobSpec;
  readonly channels: readonly ChannelData[];
  readonly hosts: readonly string[];
  readonly places: Places;
  readonly toolkitEnv: boolean;
  readonly scheduler: VariableScheduler | undefined;
}

/**
 * Checks the job and the options, and lists the data of all channels. Creates no files.
 *
 * @param options - unchecked `LocalAgentOptions`.
 * @throws ConfigError if the job, its data or an option is not supported.
 */
export async function findChannels(request: TrainingJobRequest, options: object): Promise<FoundJob> {
  const job = parseOptions('startLocalAgent', trainingJobSchema(), request);
  const {
    toolkitEnv,
    scheduler,
    map,
    s3Root,
    store: stores,
    hosts,
    ...rest
  } = parseOptions('startLocalAgent', optionsSchema(), options);
  const places = { ...rest, stores, s3Map: await readS3Map({ map, s3Root, hasStore: stores.length > 0 }) };
  const channels = await Promise.all(job.InputDataConfig.map((channel, index) => findChannel(channel, index, places)));
  return { job, channels, hosts: hostNames(hosts ?? job.ResourceConfig.InstanceCount), places, toolkitEnv, scheduler };
}

async function findChannel(channel: JobChannel, index: number, places: Places): Promise<ChannelData> {
  const options = { ...places, configPath: `InputDataConfig[${index}]` };
  return { channel, root: await dataRoot(channel, options), items: await listItems(channel, options) };
}
