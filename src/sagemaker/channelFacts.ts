import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Directories } from './directories.js';
import { readInputDataConfig, type InputDataConfig } from './inputDataConfig.js';
import { readResourceConfig } from './resourceConfig.js';

/** What of a channel has to be the same for a pipeline to be resumed: how it reaches the container, and which host that is. */
export type ChannelFacts = Partial<InputDataConfig[string]> & {
  readonly host?: string;
  readonly hosts?: readonly string[];
};

/**
 * Reads them from the job's own files. Where there is no `resourceconfig.json`, nothing is known of the hosts.
 *
 * @throws ConfigError when a file is invalid, or `inputdataconfig.json` is missing.
 */
export function channelFacts({ configDir }: Directories, channel: string): ChannelFacts {
  const config = readInputDataConfig(configDir)[channel];
  if (!existsSync(join(configDir, 'resourceconfig.json'))) return { ...config };
  const { current_host, hosts } = readResourceConfig(configDir);
  return { ...config, host: current_host, hosts };
}
