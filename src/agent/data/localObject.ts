import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Fault } from '../job/locate.js';

/** A file that replaces an object in S3. */
export interface LocalObject {
  /** The path below the channel's folder, with `/` between the parts. Objects are sorted by key. */
  readonly key: string;
  readonly path: string;
  readonly byteLength: number;
}

/** Returns the real path of a file or folder, which must exist. */
export async function realPathOf(path: string, fault: Fault): Promise<string> {
  return realpath(path).catch((cause: unknown) => {
    throw fault(`cannot read ${path}: ${String(cause)}`, cause);
  });
}

/** Returns whether a path is the folder or is below it. Both must be real paths. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : folder + sep);
}

/** Options of {@link localObject}. */
export interface LocalObjectOptions {
  readonly key: string;
  /** The real path of a folder. The file must be below it, after symbolic links are resolved. */
  readonly root: string;
  readonly fault: Fault;
}

/**
 * Returns the {@link LocalObject} of a file.
 *
 * @throws ConfigError if the file does not exist, is not a regular file, or is outside the root.
 */
export async function localObject(file: string, { key, root, fault }: LocalObjectOptions): Promise<LocalObject> {
  const path = await realPathOf(file, fault);
  if (!isWithin(path, root)) {
    const target = path === file ? '' : `: its real path is ${path}`;
    throw fault(`${file} is outside of the folder ${root}${target}`);
  }
  const stats = await stat(path);
  if (!stats.isFile()) throw fault(`${file} is not a regular file, so the agent cannot serve it as an S3 object`);
  return { key, path, byteLength: stats.size };
}
