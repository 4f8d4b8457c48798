import { defer, type Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
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
   * If true, any number of consecutive epochs may be empty, for example on a host that receives no data with
   * `ShardedByS3Key`. Default: the third consecutive empty epoch is an error, because `repeat()` of an empty channel
   * never completes.
   */
  readonly allowEmpty?: boolean | undefined;
}

export const channelOptionsSchema = lazy(() =>
  fifoOptionsSchema().extend({
    baseDir: z.string().min(1).optional(),
    pipeDir: z.string().min(1).optional(),
    configDir: z.string().min(1).optional(),
    stateDir: z.string().min(1).optional(),
    allowEmpty: z
      .boolean()
      .describe('If true, any number of consecutive epochs may be empty. Default: false.')
      .default(false),
  }),
);

const argumentsSchema = lazy(() => z.object({ name: channelNameSchema().optional(), options: channelOptionsSchema() }));

/**
 * Emits the bytes of a channel of a SageMaker training job in Pipe mode. Each subscription reads the next epoch.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeTFRecord, prefetch } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const batches$ = channel('train').pipe(decodeTFRecord(), batch(64), prefetch(10), repeat(3));
 * ```
 *
 * Reads `inputdataconfig.json` at subscription. At the first request for bytes, waits for the FIFO `<name>_<epoch>`.
 * Then reserves the epoch under a lock, so that each epoch is read only once, by one process.
 *
 * Chunks have up to 64 KiB, and are views on buffers of 512 KiB that are never overwritten. Memory: one buffer, and one
 * chunk read ahead of demand. Waiting does not block a thread.
 *
 * Fails with:
 *
 * - a ConfigError if the job's configuration is missing or invalid;
 * - a ChannelError if the channel does not exist or is not in Pipe mode, or if the stored epoch number cannot be read
 *   or written;
 * - a ChannelError if the FIFO does not appear in time, if no data arrives for too long, or if a third consecutive
 *   epoch is empty;
 * - a MillraceError `ERR_PLATFORM` on systems other than Linux.
 *
 * Unsubscribing closes the FIFO immediately. The rest of the epoch is lost.
 *
 * @param name - default: the only channel, or `training` if there are several.
 */
export function channel(name?: string, options: ChannelOptions = {}): Observable<Uint8Array> {
  const read = channelReader(name, options);
  return defer(() => read());
}

export function channelReader(
  name: string | undefined,
  options: ChannelOptions,
): (known?: FoundChannel) => Observable<Uint8Array> {
  const caller = `channel(${name === undefined ? '' : showValue(name)})`;
  const checked = parseOptions(caller, argumentsSchema(), { name, options }).options;
  const directories = resolveDirectories(checked);
  const remedy =
    'Check the S3 prefix of the channel. If a host may receive no data (ShardedByS3Key), set allowEmpty: true and ' +
    'limit the number of epochs.';
  const bound = failWhenEmptyAgain<Uint8Array>(caller, { remedy, path: directories.pipeDir });
  return (known) => {
    let found = known;
    const find = (): FoundChannel => (found ??= findPipeChannel(directories, name));
    const bytes$ = withPass((pass) => {
      const epoch = pass?.ledger.isShuffled(find().name) ? pass.epoch : undefined;
      return epochBytes({ find: () => find().name, directories, name: caller, ...checked }, epoch);
    });
    const bounded$ = checked.allowEmpty ? bytes$ : bytes$.pipe(bound);
    return bounded$.pipe(
      tellBytes(() => ({ name: find().name, facts: channelFacts(directories, find()) })),
      abortable(checked.signal),
    );
  };
}
