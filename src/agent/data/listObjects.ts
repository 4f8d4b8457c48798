import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { reasonOfFailure } from '../../base/reasonOfFailure.js';
import type { ChannelObject } from './channelObject.js';
import { localObject, realPathOf, fileStatusOf } from './localObject.js';
import type { Fault } from '../job/locate.js';
import { sortedBy } from './sortedBy.js';

/**
 * Lists a file, or the files of a folder and its subfolders, including hidden files. Sorts them like S3, by the UTF-8
 * bytes of their keys.
 *
 * @throws ConfigError if there is no file, or if there is a device, a FIFO, a socket, or a symbolic link to a folder or
 *   to a file outside the folder.
 */
export async function listObjects(
  location: string,
  fault: Fault,
  signal?: AbortSignal,
): Promise<readonly ChannelObject[]> {
  const root = await realPathOf(location, fault);
  if (!(await fileStatusOf(root, fault)).isDirectory())
    return [await localObject(root, { key: basename(location), root, fault })];
  const entries = (await listFolder(root, fault)).filter((entry) => !entry.isDirectory());
  if (entries.length === 0) throw fault(`the folder ${location} contains no file`);
  const objects = await mapConcurrently(
    entries,
    async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const key = relative(root, path);
      // Only a symbolic link needs a look-up of its real path.
      return entry.isFile()
        ? { key, path, byteLength: (await fileStatusOf(path, fault)).size }
        : localObject(path, { key, root, fault });
    },
    signal,
  );
  return sortedBy(objects, ({ key }) => key);
}

async function listFolder(root: string, fault: Fault): Promise<Dirent[]> {
  return readdir(root, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw fault(`cannot list ${root}: ${reasonOfFailure(cause)}`, cause);
  });
}
