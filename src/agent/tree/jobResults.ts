import { cp, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { withoutPeriod } from '../../base/reasonOfFailure.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { isWithin } from '../data/localObject.js';
import type { LocalHost } from '../job/localHost.js';
import { isStored } from '../job/locate.js';
import { destinationAt, type Destination, type WrittenPlace } from './destination.js';

const FAILURE_REASON_LENGTH = 1024;

/**
 * @param signal - ends uploads.
 * @throws MillraceError `ERR_AGENT` if a file cannot be copied. The message names the folders of the originals.
 */
export async function copyResults(
  hosts: readonly LocalHost[],
  output: WrittenPlace,
  signal?: AbortSignal,
): Promise<void> {
  try {
    for (const { name, baseDir } of hosts) {
      const folder = folderOfHost(name, hosts.length);
      if (!isStored(output)) await copyFolders(baseDir, join(output.path, folder));
      else await uploadResults(baseDir, destinationAt({ ...output, url: output.url + folder }, name, signal));
    }
  } catch (cause) {
    const kept = hosts.map(({ baseDir }) => baseDir).join(', ');
    const target = isStored(output) ? output.url : output.path;
    const message = `Cannot copy the results to ${target}: ${withoutPeriod(String(cause))}. The results remain in ${kept}`;
    throw new MillraceError(message, { code: 'ERR_AGENT', cause });
  }
}

const FOLDERS = ['model', 'output'];

/** Returns the prefixes of all result files of these hosts. */
export function resultPrefixes(hosts: readonly string[]): string[] {
  return hosts.flatMap((host) => FOLDERS.map((folder) => `${folderOfHost(host, hosts.length)}${folder}/`));
}

const folderOfHost = (host: string, hostCount: number): string => (hostCount > 1 ? `${host}/` : '');

async function copyFolders(baseDir: string, target: string): Promise<void> {
  for (const folder of FOLDERS) {
    await cp(join(baseDir, folder), join(target, folder), { recursive: true, verbatimSymlinks: true });
  }
}

/** A bucket has no links: links to files of the host become copies, other links are omitted. */
async function uploadResults(baseDir: string, { put, concurrency }: Destination): Promise<void> {
  const root = await realpath(baseDir);
  for (const folder of FOLDERS) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const upload = async (path: string) => {
      const target = await realpath(path).catch(() => undefined);
      if (target === undefined || !isWithin(target, root) || !(await stat(target)).isFile()) return;
      await put(target, relative(root, path));
    };
    const paths = entries.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
    await mapConcurrently(paths, upload, undefined, concurrency);
  }
}

export async function readFailure(baseDir: string): Promise<string | undefined> {
  const text = await readFile(join(baseDir, 'output/failure'), 'utf8').catch(() => undefined);
  return text?.slice(0, FAILURE_REASON_LENGTH);
}
