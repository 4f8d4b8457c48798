import { basename, dirname } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { identityOf, realPathOfNew } from '../base/fileIdentity.js';
import type { WrittenFiles } from '../demand/output.js';
import type { ShardPattern } from './shardPattern.js';

export interface OwnFiles {
  readonly pattern: ShardPattern;
  readonly existing: readonly string[];
  readonly isLocal: boolean;
}

/** Refuses sources that read a file that this run writes, also through a link to the file or to its folder. */
export function refuseOwnFiles({ pattern, existing, isLocal }: OwnFiles): WrittenFiles {
  const { matches, manifestPath, text } = pattern;
  const isNamed = (path: string): boolean => matches(path) || path === manifestPath;
  const folder = text.slice(0, text.lastIndexOf('/') + 1);
  const realFolder = isLocal ? realPathOfNew(dirname(text)) : undefined;
  const identities = new Set(isLocal ? existing.map(identityOf) : []);
  const isOwnFile = (path: string): boolean =>
    identities.has(identityOf(path)) ||
    (isNamed(folder + basename(path)) && realPathOfNew(dirname(path)) === realFolder);
  return {
    refuse: (path) => {
      if (!(isLocal ? isOwnFile(path) : isNamed(path))) return;
      const message =
        `writeRecords: pattern: the source reads ${path}, which is one of the files that the run would write or ` +
        'remove. Use a different name or folder, and remove the old files afterwards.';
      throw new ConfigError(message, { path: 'pattern' });
    },
  };
}
