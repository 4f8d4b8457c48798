import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../../base/errors.js';
import type { ChannelData } from '../findChannels.js';
import { schemeOf } from '../job/locate.js';
import { isWithin } from './localObject.js';

/** A folder or a prefix of a store to which a job writes. It need not exist yet. */
export interface WrittenFolder {
  readonly folder: string;
  /** The name of the folder in messages: an option of the agent, or a key of the job. */
  readonly name: string;
  /** The `path` of the ConfigError. */
  readonly path: string;
}

/**
 * Rejects a folder that is inside a channel's data or contains this data, because the next run would read the written
 * files. Symbolic links are resolved first.
 *
 * @throws ConfigError that names both paths.
 */
export async function refuseOverlap(
  { folder, name, path }: WrittenFolder,
  channels: readonly ChannelData[],
): Promise<void> {
  const isInS3 = schemeOf(folder) === 's3';
  const written = await resolvedFolder(folder);
  for (const { channel, root, items } of channels) {
    // An S3Prefix in a store also matches keys that begin with its last name.
    const isPrefix = isInS3 && channel.DataSource.S3DataSource.S3DataType === 'S3Prefix';
    const isMatchedBy = (each: string) => isPrefix && each === root && `${written}/`.startsWith(root);
    const data = [root, ...items.flat().flatMap((part) => (part instanceof Uint8Array ? [] : [part.path]))];
    const found = data.find((each) => isWithin(written, each) || isWithin(each, written) || isMatchedBy(each));
    if (found === undefined) continue;
    const target = isInS3 || written === folder ? '' : ` (its real path is ${written})`;
    const relation = written === found ? 'is' : isWithin(found, written) ? 'contains' : 'is inside';
    throw new ConfigError(
      `${name}: the folder ${folder}${target} ${relation} ${found}, which is data of the channel ` +
        `"${channel.ChannelName}". The job would write files into its own data, and the next run would train on them. ` +
        'Use a folder outside the data',
      { path },
    );
  }
}

/**
 * Rejects a folder for results that overlaps the folder for checkpoints, because the next run would receive the results
 * as checkpoints.
 *
 * @throws ConfigError that names both folders.
 */
export async function refuseAmongCheckpoints(
  results: readonly WrittenFolder[],
  checkpoints: readonly WrittenFolder[],
): Promise<void> {
  for (const { folder, name, path } of results) {
    for (const store of checkpoints) {
      const [written, kept] = [await resolvedFolder(folder), await resolvedFolder(store.folder)];
      if (!isWithin(written, kept) && !isWithin(kept, written)) continue;
      const relation = written === kept ? 'is' : isWithin(written, kept) ? 'is inside' : 'contains';
      const reason =
        'The next run would receive the results as checkpoints. Use separate folders for results and checkpoints';
      throw new ConfigError(`${name}: ${folder} ${relation} the folder of ${store.name}, ${kept}. ${reason}`, { path });
    }
  }
}

/** Returns a URL without the slash, or the real path. */
async function resolvedFolder(folder: string): Promise<string> {
  return schemeOf(folder) === 's3' ? folder.replace(/\/+$/, '') : realPathOfNew(folder);
}

async function realPathOfNew(path: string): Promise<string> {
  // A dangling link is harmless, because no folder can be created there.
  return realpath(path).catch(async () => {
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOfNew(parent), basename(path));
  });
}
