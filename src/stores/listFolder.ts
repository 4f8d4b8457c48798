import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { ChannelError } from '../base/errors.js';

export interface FoundFile {
  readonly path: string;
  readonly stats: BigIntStats;
}

/**
 * Lists regular files, sorted by the UTF-8 bytes of their paths, like keys in S3. Does not follow a symbolic link to a
 * folder that contains the link.
 *
 * @throws ChannelError if a folder cannot be listed. A file that disappears during the listing is not listed.
 */
export async function* listFolder(prefix: string, signal?: AbortSignal): AsyncGenerator<FoundFile> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  yield* filesBelow({ folder, isWanted: (path) => path.startsWith(prefix), above: [], signal });
}

interface Level {
  /** The path ends with a slash. Empty for the working directory. */
  readonly folder: string;
  readonly isWanted: (path: string) => boolean;
  /** The folders that contain this folder, by device and inode. */
  readonly above: readonly string[];
  readonly signal: AbortSignal | undefined;
}

async function* filesBelow({ folder, isWanted, above, signal }: Level): AsyncGenerator<FoundFile> {
  signal?.throwIfAborted();
  const names = await readdir(folder === '' ? '.' : folder).catch((error: unknown) => {
    throw cannotList(folder, error as NodeJS.ErrnoException);
  });
  const found = await Promise.all(
    names
      .map((name) => `${folder}${name}`)
      .filter(isWanted)
      .map(entryOf),
  );
  const entries = found.filter((entry) => entry !== undefined);
  // A folder is sorted by its name with the slash: `a.txt` comes before `a/b`.
  const keyed = entries.map((entry) => ({ ...entry, key: Buffer.from(entry.path) }));
  for (const { path, stats } of keyed.sort((one, other) => Buffer.compare(one.key, other.key))) {
    const id = `${stats.dev}:${stats.ino}`;
    if (stats.isFile()) yield { path, stats };
    else if (stats.isDirectory() && !above.includes(id)) {
      yield* filesBelow({ folder: path, isWanted: () => true, above: [...above, id], signal });
    }
  }
}

async function entryOf(path: string): Promise<FoundFile | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && { path: stats.isDirectory() ? `${path}/` : path, stats };
}

function cannotList(folder: string, cause: NodeJS.ErrnoException): ChannelError {
  return new ChannelError(`Cannot list the folder ${folder || '.'}: ${cause.message}.`, {
    code: 'ERR_CHANNEL_IO',
    path: folder,
    errno: cause.code,
    cause,
  });
}
