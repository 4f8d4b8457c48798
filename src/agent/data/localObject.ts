import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Fault } from '../job/locate.js';

/** A file that stands for an object in S3. */
export interface LocalObject {
  /** Its path below the channel's folder, with `/` between the parts: what S3 sorts by, and its place in File mode. */
  readonly key: string;
  readonly path: string;
  readonly byteLength: number;
}

/** The real path of what has to be there. */
export async function realPathOf(path: string, fault: Fault): Promise<string> {
  return realpath(path).catch((cause: unknown) => {
    throw fault(`cannot read ${path}: ${String(cause)}`, cause);
  });
}

/** Whether a path is the folder or lies below it; both are real paths. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : folder + sep);
}

/** What {@link localObject} needs to know besides the file. */
export interface LocalObjectOptions {
  readonly key: string;
  /** The real path of the folder that the file must not lie outside of, be it through a symbolic link. */
  readonly root: string;
  readonly fault: Fault;
}

/**
 * The object that a file stands for.
 *
 * @throws ConfigError for what is not there, is no regular file, or lies outside the root.
 */
export async function localObject(file: string, { key, root, fault }: LocalObjectOptions): Promise<LocalObject> {
  const path = await realPathOf(file, fault);
  if (!isWithin(path, root)) {
    const way = path === file ? '' : `, to ${path}`;
    throw fault(`${file} leads out of the folder ${root}${way}`);
  }
  const stats = await stat(path);
  if (!stats.isFile()) throw fault(`${file} is not a regular file, so it cannot stand for an object in S3`);
  return { key, path, byteLength: stats.size };
}
