import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Directories } from './directories.js';
import type { FoundChannel } from './findChannel.js';
import type { InputDataConfig } from './inputDataConfig.js';
import { readResourceConfig } from './resourceConfig.js';

export type ChannelFacts = Partial<InputDataConfig[string]> & {
  readonly host?: string;
  readonly hosts?: readonly string[];
};

/**
 * If `resourceconfig.json` does not exist, the result does not include the hosts.
 *
 * @throws ConfigError if `resourceconfig.json` is invalid.
 */
export function channelFacts({ configDir }: Directories, { config }: FoundChannel): ChannelFacts {
  if (!existsSync(join(configDir, 'resourceconfig.json'))) return { ...config };
  const { current_host, hosts } = readResourceConfig(configDir);
  return { ...config, host: current_host, hosts };
}
