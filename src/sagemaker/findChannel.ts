import { ChannelError } from '../base/errors.js';
import type { Directories } from './directories.js';
import { readInputDataConfig, type InputMode } from './inputDataConfig.js';

/** The channel that is taken where none is named and there are several: Amazon's `PipeModeDataset` has it so. */
const DEFAULT_NAME = 'training';

/** A channel that the job has. */
export interface JobChannel {
  readonly name: string;
  readonly mode: InputMode;
}

/**
 * Looks a channel up in `inputdataconfig.json`. Without a name it is the only one there is, or `training`.
 *
 * @throws ConfigError when that file is missing or invalid.
 * @throws ChannelError when the job has no such channel.
 */
export function findChannel({ configDir, pipeDir }: Directories, name?: string): JobChannel {
  const config = readInputDataConfig(configDir);
  const channels = Object.keys(config);
  const [only] = channels;
  const wanted = name ?? (channels.length === 1 && only !== undefined ? only : DEFAULT_NAME);
  const found = Object.hasOwn(config, wanted) ? config[wanted] : undefined;
  if (found) return { name: wanted, mode: found.TrainingInputMode };
  throw new ChannelError(`The job has no channel ${wanted}. It has ${channels.join(', ') || 'none at all'}.`, {
    code: 'ERR_CHANNEL_NOT_FOUND',
    path: pipeDir,
    channels,
  });
}

/**
 * Looks up a channel that has to be in Pipe mode; gives its name.
 *
 * @throws ConfigError as {@link findChannel} does.
 * @throws ChannelError when the job has no such channel, or not in Pipe mode.
 */
export function findPipeChannel(directories: Directories, channel?: string): string {
  const { name, mode } = findChannel(directories, channel);
  if (mode === 'Pipe') return name;
  throw new ChannelError(
    `Channel ${name} is in ${mode} mode, not Pipe mode: its data are files below ${directories.pipeDir}/${name}. ` +
      'Read it with records, which serves every mode, or ask for TrainingInputMode Pipe in the training request.',
    { code: 'ERR_CHANNEL_MODE', path: directories.pipeDir },
  );
}
