import { requireOptions } from '../base/parseOptions.js';
import { resolveDirectories, type DirectoryOptions } from './directories.js';
import { rankOf, readResourceConfig } from './resourceConfig.js';

/** The index of a shard, and the number of shards. */
export interface Shard {
  readonly count: number;
  /** The index of the shard, from 0. */
  readonly index: number;
}

/**
 * Returns the shard of this host. There is one shard for each host. The channel must send all data to every host
 * (`FullyReplicated`), which this function does not check.
 *
 * ```ts
 * import { channel, shardOfHost } from 'millrace';
 * import { decodeTFRecord, shard } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decodeTFRecord(), shard(shardOfHost()));
 * ```
 *
 * `resourceconfig.json` lists the hosts in the same order on each host.
 *
 * @throws ConfigError if `resourceconfig.json` is missing or invalid.
 */
export function shardOfHost(options: DirectoryOptions = {}): Shard {
  requireOptions('shardOfHost', options, "{ baseDir: '/opt/ml' }");
  const config = readResourceConfig(resolveDirectories(options).configDir);
  return { count: config.hosts.length, index: rankOf(config) };
}
