import { cp, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { withoutPeriod } from '../../base/reasonOfFailure.js';
import { sumOf } from '../../base/sumOf.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { isWithin } from '../data/localObject.js';
import type { LocalHost } from '../job/localHost.js';
import { isStored } from '../job/locate.js';
import { destinationAt, type WritablePlace, type WrittenPlace } from './destination.js';

const FAILURE_REASON_LENGTH = 1024;

/** The progress of uploading all results of a job. */
export interface UploadProgress {
  readonly bytes: number;
  readonly byteLength: number;
}

export interface CopyOptions {
  /** Ends uploads. */
  readonly signal?: AbortSignal | undefined;
  readonly onUpload?: ((progress: UploadProgress) => void) | undefined;
}

/** @throws MillraceError `ERR_AGENT` if a file cannot be copied. The message names the folders of the originals. */
export async function copyResults(
  hosts: readonly LocalHost[],
  output: WrittenPlace,
  options: CopyOptions = {},
): Promise<void> {
  try {
    if (isStored(output)) await uploadResults(hosts, output, options);
    else {
      for (const { name, baseDir } of hosts) {
        await copyFolders(baseDir, join(output.path, folderOfHost(name, hosts.length)));
      }
    }
  } catch (cause) {
    const kept = hosts.map(({ baseDir }) => baseDir).join(', ');
    const target = isStored(output) ? output.url : output.path;
    const message = `Cannot copy the results to ${target}: ${withoutPeriod(String(cause))}. The results remain in ${kept}`;
    throw new MillraceError(message, { code: 'ERR_AGENT', cause });
  }
}

const FOLDERS = ['model', 'output'];

export function resultPrefixes(hosts: readonly string[]): string[] {
  return hosts.flatMap((host) => FOLDERS.map((folder) => `${folderOfHost(host, hosts.length)}${folder}/`));
}

const folderOfHost = (host: string, hostCount: number): string => (hostCount > 1 ? `${host}/` : '');

async function copyFolders(baseDir: string, target: string): Promise<void> {
  for (const folder of FOLDERS) {
    await cp(join(baseDir, folder), join(target, folder), { recursive: true, verbatimSymlinks: true });
  }
}

async function uploadResults(
  hosts: readonly LocalHost[],
  output: WritablePlace,
  { signal, onUpload }: CopyOptions,
): Promise<void> {
  const files = (await Promise.all(hosts.map(resultFiles))).flat();
  const byteLength = sumOf(files.map(({ size }) => size));
  let bytes = 0;
  for (const { name } of hosts) {
    const url = output.url + folderOfHost(name, hosts.length);
    const { put, concurrency } = destinationAt({ ...output, url }, name, signal);
    const upload = ({ path, key }: ResultFile) =>
      put(path, key, (count) => onUpload?.({ bytes: (bytes += count), byteLength }));
    await mapConcurrently(
      files.filter(({ host }) => host === name),
      upload,
      undefined,
      concurrency,
    );
  }
}

interface ResultFile {
  readonly host: string;
  readonly path: string;
  readonly key: string;
  readonly size: number;
}

/** A bucket has no links: links to the host's files become copies, and other links are omitted. */
async function resultFiles({ name: host, baseDir }: LocalHost): Promise<readonly ResultFile[]> {
  const root = await realpath(baseDir);
  const files: ResultFile[] = [];
  for (const folder of FOLDERS) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const { parentPath, name } of entries.filter((entry) => !entry.isDirectory())) {
      const path = await realpath(join(parentPath, name)).catch(() => undefined);
      if (path === undefined || !isWithin(path, root)) continue;
      const stats = await stat(path);
      if (stats.isFile()) files.push({ host, path, key: relative(root, join(parentPath, name)), size: stats.size });
    }
  }
  return files;
}

export async function readFailure(baseDir: string): Promise<string | undefined> {
  const text = await readFile(join(baseDir, 'output/failure'), 'utf8').catch(() => undefined);
  return text?.slice(0, FAILURE_REASON_LENGTH);
}
