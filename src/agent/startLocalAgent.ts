import { ConfigError } from '../base/errors.js';
import { requireFifos } from '../sagemaker/requireFifos.js';
import { findChannels } from './findChannels.js';
import { makeWrittenPlaces } from './makeWrittenPlaces.js';
import type { CheckpointMirror } from './tree/checkpointMirror.js';
import type { WrittenPlace } from './tree/destination.js';
import { Downloads, type DownloadProgress } from './tree/downloads.js';
import { explainFullDisk, keepTree, removeDeadTrees, removeTree } from './tree/jobTree.js';
import type { Store } from '../stores/store.js';
import type { ChannelObject } from './data/channelObject.js';
import { objectsOf } from './data/listItems.js';
import type { VariableScheduler } from '../hosts/schedulerVariables.js';
import type { FindOptions } from './data/manifestPlace.js';
import type { ServedEpoch, WatchedEpoch } from './pipes/offerEpochs.js';
import { startHost, type ServedJob } from './startHost.js';
import type { LocalHost } from './job/localHost.js';
import { trackWork } from './trackWork.js';
import type { TrainingJobRequest } from './job/trainingJobRequest.js';

/** Options of {@link startLocalAgent}. */
export interface LocalAgentOptions extends FindOptions {
  /** The folder to which an `S3Uri` is relative. Default: the working directory. */
  readonly relativeTo?: string | undefined;
  /**
   * Folders, relative to the working directory, that replace S3 prefixes in the job and its manifests, for example
   * `{ 's3://bucket/data': 'data' }`. The longest matching prefix is used.
   */
  readonly map?: Readonly<Record<string, string>> | undefined;
  /**
   * The folder that replaces all of S3: `s3://bucket/key` is `bucket/key` in this folder. `map` has priority. Buckets
   * without a folder in `s3Root` are read from `store`.
   */
  readonly s3Root?: string | undefined;
  /**
   * The stores for `s3://` URIs that `map` and `s3Root` do not replace, such as `s3Store(client)` of `millrace/s3`. The
   * first store with a matching prefix in `schemes` is used. Without a store, the agent never uses the network.
   */
  readonly store?: Store | readonly Store[] | undefined;
  /** The number of hosts. Default: `ResourceConfig.InstanceCount` of the job, or 1. */
  readonly hosts?: number | undefined;
  /**
   * If true, adds the variables of Amazon's Python training toolkit (`SM_…`). SageMaker itself does not set them.
   * Default: false.
   */
  readonly toolkitEnv?: boolean | undefined;
  /**
   * Each host also gets this scheduler's variables, which `hostOf` reads: the index of the host, and the number of
   * hosts (not for Kubernetes). Default: no scheduler.
   */
  readonly scheduler?: VariableScheduler | undefined;
  /**
   * Called when a reader opens the FIFO of an epoch. The reader receives the chunks of the returned iterable. For
   * example, with `watched = report()`, `(chunks) => toAsyncIterable(fromAsyncIterable(chunks).pipe(watched))` measures
   * how long the reader waits.
   */
  readonly watch?: ((chunks: AsyncIterable<Uint8Array>, epoch: WatchedEpoch) => AsyncIterable<Uint8Array>) | undefined;
  /** Called at the end of each epoch that a reader has opened, even if the reader left early. */
  readonly onEpoch?: ((served: ServedEpoch) => void) | undefined;
  /** Called during downloads from a store for channels in File mode. */
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
  /**
   * Called if checkpoints cannot be copied while the job runs, once for consecutive failures. The agent tries again
   * every second and when the job ends. The job fails only if the last copy fails.
   */
  readonly onCheckpointFailure?: ((error: Error) => void) | undefined;
  /** Called if data cannot be served. The channel sends no more data, and `close()` rejects. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** A running agent. `name`, `baseDir` and `environment` belong to the first host. */
export interface LocalAgent extends LocalHost, AsyncDisposable {
  readonly hosts: readonly LocalHost[];
  /**
   * Ends every epoch, copies changed checkpoints, and removes the FIFOs. Removes the hosts' folders unless `keep` is
   * set. Rejects with the first error of `onError`. If checkpoints cannot be copied, rejects and keeps the folders.
   * Later calls wait for the first call.
   */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

/**
 * Starts an agent that does SageMaker's part of a training job on this machine, with data in local files or buckets.
 * Makes a temporary folder for each host, with the folders of `/opt/ml` and the files of channels in File mode. Serves
 * the epochs of channels in Pipe mode through FIFOs until `close()`.
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
 * The agent may run in the same process as the reader, because it blocks no thread. It keeps the process alive. Memory
 * for each epoch being read: 256 KiB, or up to 36 MiB from a store.
 *
 * The objects of a channel are listed once, at the start. An epoch depends only on that list, the seed of
 * `ShuffleConfig`, the epoch number and the host. If an object of a store changes later, its next read fails. For File
 * mode, objects of a store are downloaded at the start, with up to 64 MiB of memory.
 *
 * @returns when the files and the FIFOs of the first epochs exist.
 * @throws ConfigError if the job or its data is not supported; MillraceError `ERR_PLATFORM` if a channel needs FIFOs
 *   and the system has none. After an error, no files remain.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export async function startLocalAgent(job: TrainingJobRequest, options: LocalAgentOptions = {}): Promise<LocalAgent> {
  return (await startAgent(job, options)).agent;
}

export async function startAgent(
  request: TrainingJobRequest,
  options: LocalAgentOptions,
  { outputDir, copySignal }: { readonly outputDir?: string | undefined; readonly copySignal?: AbortSignal } = {},
): Promise<{ readonly agent: LocalAgent; readonly output: WrittenPlace | undefined }> {
  const found = await findChannels(request, options);
  const { job, channels, toolkitEnv, scheduler, hosts: names } = found;
  const { signal } = found.places;
  if (channels.some(({ channel }) => channel.InputMode === 'Pipe')) requireFifos();
  else if (options.watch) {
    const message =
      'No channel of this job has the input mode Pipe, so there is no FIFO to watch: set TrainingInputMode of ' +
      'AlgorithmSpecification to Pipe, or use report() in the training script';
    throw new ConfigError(message, { path: 'AlgorithmSpecification.TrainingInputMode' });
  }
  const { checkpoints, output } = await makeWrittenPlaces(found, outputDir);

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
    ...{ job, channels, toolkitEnv, scheduler, work, checkpoints, signal, copySignal },
    downloads: new Downloads(filesOf(channels), { signal, onDownload: options.onDownload }),
    watch: options.watch,
    onEpoch: options.onEpoch ?? (() => undefined),
    onCheckpointFailure: options.onCheckpointFailure ?? (() => undefined),
    onFolder: (path) => folders.push(path),
    onCheckpoints: (mirror) => mirrors.push(mirror),
  };
  const hosts: LocalHost[] = [];
  try {
    for (const name of names) {
      signal?.throwIfAborted();
      hosts.push(await startHost({ name, hosts: names }, served));
    }
  } catch (error) {
    await close();
    throw explainFullDisk(error);
  }
  let closing: Promise<void> | undefined;
  const closeOnce: LocalAgent['close'] = (how) => (closing ??= close(how));
  const agent = { ...(hosts[0] as LocalHost), hosts, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
  return { agent, output };
}

function filesOf(channels: ServedJob['channels']): readonly ChannelObject[] {
  return channels.flatMap(({ channel, items }) => (channel.InputMode === 'Pipe' ? [] : objectsOf(items)));
}
