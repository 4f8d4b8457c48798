import { defer, type Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../base/parseOptions.js';
import { tellBytes, withPass } from '../resume/pass.js';
import { showValue } from '../base/showValue.js';
import { channelFacts } from '../sagemaker/channelFacts.js';
import { channelNameSchema } from '../sagemaker/channelName.js';
import { resolveDirectories, type DirectoryOptions } from '../sagemaker/directories.js';
import { findPipeChannel, type FoundChannel } from '../sagemaker/findChannel.js';
import { abortable } from './abortable.js';
import { epochBytes } from './epochBytes.js';
import { failWhenEmptyAgain } from './failWhenEmptyAgain.js';
import { fifoOptionsSchema, type FifoOptions } from './fifo/fifoOptions.js';

/** Options of {@link channel}. */
export interface ChannelOptions extends DirectoryOptions, FifoOptions {
  /**
   * Whether any number of epochs in a row may be empty, as they are on a host that `ShardedByS3Key` left without data.
   * Default: false; the third empty epoch in a row is an error, for `repeat()` over an empty channel never ends.
   */
  readonly allowEmpty?: boolean | undefined;
}

/** The schema of {@link ChannelOptions}. */
export const channelOptionsSchema = fifoOptionsSchema.extend({
  baseDir: z.string().min(1).optional(),
  pipeDir: z.string().min(1).optional(),
  configDir: z.string().min(1).optional(),
  stateDir: z.string().min(1).optional(),
  allowEmpty: z.boolean().default(false),
});

const argumentsSchema = z.object({ name: channelNameSchema.optional(), options: channelOptionsSchema });

/**
 * A channel of a SageMaker training job in Pipe mode: each subscription reads one epoch, the next that nobody has read,
 * as chunks of bytes.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeTFRecord, prefetch } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const batches$ = channel('train').pipe(decodeTFRecord(), batch(64), prefetch(10), repeat(3));
 * ```
 *
 * It is cold, and it does nothing before the first byte is wanted. Then it reads `inputdataconfig.json`, waits until
 * the FIFO `<name>_<epoch>` is there, takes that epoch under a lock (each epoch goes to one process, at most once), and
 * opens it. Subscribing again (`repeat`, the next `iterator()` of a tfjs dataset) reads the next epoch.
 *
 * Chunks hold up to 64 KiB, are views on slabs of 2 MiB, and are never overwritten. Memory: one slab, and one chunk
 * while it is not wanted. Waiting for the FIFO, its writer and its data holds no thread.
 *
 * Throws a ConfigError at the call for a bad name or option. Notifies a ConfigError (the job's configuration is missing
 * or invalid), a ChannelError (no such channel, not in Pipe mode, no FIFO in time, silent too long, empty for the third
 * time, state not usable), a MillraceError `ERR_PLATFORM` outside Linux, or the signal's reason. Unsubscribing closes
 * the FIFO at once, also while it waits; what was not read of that epoch is gone, as SageMaker has it.
 *
 * @param name - the channel's name in the training job. Default: the only channel it has, or `training`.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export function channel(name?: string, options: ChannelOptions = {}): Observable<Uint8Array> {
  const read = channelReader(name, options);
  return defer(() => read());
}

/**
 * Prepares to read a channel, as {@link channel} does. The function that it returns reads one epoch, and looks the channel
 * up once, if it is not given. Call that function for each subscription.
 */
export function channelReader(
  name: string | undefined,
  options: ChannelOptions,
): (known?: FoundChannel) => Observable<Uint8Array> {
  const what = `channel(${name === undefined ? '' : showValue(name)})`;
  const checked = parseOptions(what, argumentsSchema, { name, options }).options;
  const directories = resolveDirectories(checked);
  const remedy =
    'Check the S3 prefix of its data source; if a host may be left without data (ShardedByS3Key), set allowEmpty: true and ' +
    'bound the number of epochs.';
  const bound = failWhenEmptyAgain<Uint8Array>({ what, remedy })(directories.pipeDir);
  return (known) => {
    let found = known;
    const find = (): FoundChannel => (found ??= findPipeChannel(directories, name));
    const bytes$ = withPass((pass) => {
      const epoch = pass?.ledger.isShuffled(find().name) ? pass.epoch : undefined;
      return epochBytes({ find: () => find().name, directories, what, ...checked }, epoch);
    });
    const bounded$ = checked.allowEmpty ? bytes$ : bytes$.pipe(bound);
    return bounded$.pipe(
      tellBytes(() => ({ name: find().name, facts: channelFacts(directories, find()) })),
      abortable(checked.signal),
    );
  };
}
