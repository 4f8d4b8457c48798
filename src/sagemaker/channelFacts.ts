import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Directories } from './directories.js';
import { readInputDataConfig, type InputDataConfig } from './inputDataConfig.js';
import { readResourceConfig } from './resourceConfig.js';

/** Facts about a channel and this host. They must be the same when a pipeline is resumed. */
export type ChannelFacts = Partial<InputDataConfig[string]> & {
  readonly host?: string;
  readonly hosts?: readonly string[];
};

/**
 * Reads the facts from the job's configuration files. The hosts are omitted if `resourceconfig.json` does not exist.
 *
 * @throws ConfigError if a file is invalid, or if `inputdataconfig.json` is missing.
 */
export function channelFacts({ configDir }: Directories, channel: string): ChannelFacts {
  const config = readInputDataConfig(configDir)[channel];
  if (!existsSync(join(configDir, 'resourceconfig.json'))) return { ...config };
  const { current_host, hosts } = readResourceConfig(configDir);
  return { ...config, host: current_host, hosts };
}
