import { ChannelError } from '../base/errors.js';
import type { Directories } from './directories.js';
import { readInputDataConfig, type InputDataConfig } from './inputDataConfig.js';

/** The default of Amazon's `PipeModeDataset`. */
const DEFAULT_NAME = 'training';

export interface FoundChannel {
  readonly name: string;
  readonly config: InputDataConfig[string];
}

/**
 * Finds a channel of the job. `name`: as in `channel`. `remedy`: see `readJobFile`.
 *
 * @throws ChannelError if the job does not have the channel.
 */
export function findChannel({ configDir, pipeDir }: Directories, name?: string, remedy?: string): FoundChannel {
  const config = readInputDataConfig(configDir, remedy);
  const channels = Object.keys(config);
  const [only] = channels;
  const wanted = name ?? (channels.length === 1 && only !== undefined ? only : DEFAULT_NAME);
  const found = Object.hasOwn(config, wanted) ? config[wanted] : undefined;
  if (found) return { name: wanted, config: found };
  throw new ChannelError(`The job has no channel ${wanted}. The job has ${channels.join(', ') || 'no channels'}.`, {
    code: 'ERR_CHANNEL_NOT_FOUND',
    path: pipeDir,
    channels,
  });
}

/** @throws ChannelError if the job does not have the channel, or if the channel is not in Pipe mode. */
export function findPipeChannel(directories: Directories, channel?: string): FoundChannel {
  const found = findChannel(directories, channel);
  const { name, config } = found;
  const mode = config.TrainingInputMode;
  if (mode === 'Pipe') return found;
  throw new ChannelError(
    `Channel ${name} is in ${mode} mode, not Pipe mode: its files are in ${directories.pipeDir}/${name}. ` +
      'Read the channel with records(), which supports every mode, or set TrainingInputMode to Pipe in the training request.',
    { code: 'ERR_CHANNEL_MODE', path: directories.pipeDir },
  );
}
