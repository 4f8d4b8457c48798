import { cwd } from 'node:process';
import { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { requireFifos } from '../sagemaker/requireFifos.js';
import { hostCount, hostNames } from './job/hostCount.js';
import { findStore } from './job/checkpointConfig.js';
import type { CheckpointMirror } from './tree/checkpointMirror.js';
import { keepTree, removeDeadTrees, removeTree } from './tree/jobTree.js';
import { readS3Map, s3MapSchema } from './job/locate.js';
import { listItems, type ListItemsOptions } from './data/listItems.js';
import type { FindOptions } from './data/manifestPlace.js';
import type { ServedEpoch } from './pipes/offerEpochs.js';
import { startHost, type ServedJob } from './startHost.js';
import type { LocalHost } from './job/localHost.js';
import { trackWork } from './trackWork.js';
import { trainingJobSchema, type TrainingJob, type TrainingJobRequest } from './job/trainingJobRequest.js';

/** How the agent is started. */
export interface LocalAgentOptions extends FindOptions {
  /** The folder that a relative `S3Uri` starts from. Default: the working directory. */
  readonly relativeTo?: string | undefined;
  /**
   * Folders that replace S3 prefixes, such as `{ 's3://bucket/data': 'data' }`, for the URIs of the job and of its
   * manifests. Relative folders start from the working directory. The longest prefix wins.
   */
  readonly map?: Readonly<Record<string, string>> | undefined;
  /** How many hosts the job has. Default: its `ResourceConfig.InstanceCount`, else 1. */
  readonly hosts?: number | undefined;
  /** Adds the variables of Amazon's Python training toolkit (`SM_…`), which the platform does not set. Default: false. */
  readonly toolkitEnv?: boolean | undefined;
  /** Told of each epoch when it is over: read to its end, or left early. */
  readonly onEpoch?: ((served: ServedEpoch) => void) | undefined;
  /** Told at once when data cannot be served. The channel is silent from then on, and `close()` rejects. */
  readonly onError?: ((error: Error) => void) | undefined;
}

const optionsSchema = z.object({
  hosts: hostCount.optional(),
  relativeTo: z.string().default(() => cwd()),
  manifestRoot: z.string().min(1).optional(),
  map: s3MapSchema.default({}),
  signal: z.instanceof(AbortSignal).optional(),
  toolkitEnv: z.boolean().default(false),
});

/** A running agent. `name`, `baseDir` and `environment` are those of the first host. */
export interface LocalAgent extends LocalHost, AsyncDisposable {
  readonly hosts: readonly LocalHost[];
  /**
   * Ends every epoch, copies changed checkpoints, and removes the FIFOs. Removes the trees too, unless they are to be
   * kept. Rejects with the first error that `onError` received, or if checkpoints cannot be copied. The trees are then
   * kept. Further calls wait for the first.
   */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

/**
 * Plays SageMaker's part of a training job on local files: lays out a tree for each host in a fresh temporary folder,
 * puts the channels in File mode there, and serves the epochs of those in Pipe mode through FIFOs for as long as they
 * are read.
 *
 * ```ts
 * import { startLocalAgent } from 'millrace/agent';
 * import { channel } from 'millrace';
 *
 * const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: 'data/train' } as const;
 * const agent = await startLocalAgent({ InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource } }] });
 * channel('train', { baseDir: agent.baseDir })
 *   .subscribe((chunk) => console.log(chunk.byteLength))
 *   .add(() => agent.close());
 * ```
 *
 * It may run in the process that reads: nothing blocks the event loop or holds a thread. It holds 256 KiB for each
 * epoch that is being read, and keeps the process alive until it is closed. The objects of a channel are listed once,
 * at the start. What an epoch carries, and in which order, is a function of that list, the seed of `ShuffleConfig`, the
 * epoch and the host.
 *
 * @returns once the files and the FIFOs of the first epochs are there.
 * @throws ConfigError for a job or data that it cannot play, MillraceError `ERR_PLATFORM` where a channel needs FIFOs and
 *   there are none; nothing is left behind then.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export async function startLocalAgent(job: TrainingJobRequest, options: LocalAgentOptions = {}): Promise<LocalAgent> {
  const parsed = parseOptions('startLocalAgent', trainingJobSchema, job);
  const { toolkitEnv, map, ...rest } = parseOptions('startLocalAgent', optionsSchema, options);
  const places = { ...rest, s3Map: await readS3Map(map) };
  if (parsed.InputDataConfig.some((channel) => channel.InputMode === 'Pipe')) requireFifos();
  const channels = await findData(parsed, places);
  const checkpointStore = await findStore(parsed.CheckpointConfig, places);

  await removeDeadTrees();
  const folders: string[] = [];
  const mirrors: CheckpointMirror[] = [];
  const work = trackWork(options.onError);
  const close = async ({ keep = false } = {}) => {
    await work.stop();
    const copies = await Promise.allSettled(mirrors.map(({ copyBack }) => copyBack()));
    const failure = copies.find((copy) => copy.status === 'rejected');
    await Promise.all(folders.map(keep || failure ? keepTree : removeTree));
    if (failure) throw failure.reason;
    work.rethrow();
  };
  const served: ServedJob = {
    ...{ job: parsed, channels, toolkitEnv, work, checkpointStore, signal: places.signal },
    onEpoch: options.onEpoch ?? (() => undefined),
    onFolder: (path) => folders.push(path),
    onCheckpoints: (mirror) => mirrors.push(mirror),
  };
  const names = hostNames(options.hosts ?? parsed.ResourceConfig.InstanceCount);
  const hosts: LocalHost[] = [];
  try {
    for (const name of names) {
      places.signal?.throwIfAborted();
      hosts.push(await startHost({ name, hosts: names }, served));
    }
  } catch (error) {
    await close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const closeOnce: LocalAgent['close'] = (how) => (closing ??= close(how));
  return { ...(hosts[0] as LocalHost), hosts, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}

function findData({ InputDataConfig }: TrainingJob, places: Omit<ListItemsOptions, 'configPath'>) {
  return Promise.all(
    InputDataConfig.map(async (channel, index) => {
      return { channel, items: await listItems(channel, { ...places, configPath: `InputDataConfig[${index}]` }) };
    }),
  );
}
