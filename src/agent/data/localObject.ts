import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { reasonOfFailure } from '../../base/reasonOfFailure.js';
import type { Fault } from '../job/locate.js';
import type { ChannelObject } from './channelObject.js';

export async function realPathOf(path: string, fault: Fault): Promise<string> {
  return realpath(path).catch((cause: unknown) => {
    throw fault(`cannot read ${path}: ${reasonOfFailure(cause)}`, cause);
  });
}

export async function fileStatusOf(path: string, fault: Fault): Promise<Stats> {
  return stat(path).catch((cause: unknown) => {
    throw fault(`cannot read ${path}: ${reasonOfFailure(cause)}`, cause);
  });
}

/** Both arguments must be real paths. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : folder + sep);
}

export interface LocalObjectOptions {
  readonly key: string;
  /** The real path of a folder that must contain the file. */
  readonly root: string;
  readonly fault: Fault;
}

/** @throws ConfigError if the path is not a regular file, or is outside the root. */
export async function localObject(file: string, { key, root, fault }: LocalObjectOptions): Promise<ChannelObject> {
  const path = await realPathOf(file, fault);
  if (!isWithin(path, root)) {
    const target = path === file ? '' : `: its real path is ${path}`;
    throw fault(`${file} is outside of the folder ${root}${target}`);
  }
  const stats = await fileStatusOf(path, fault);
  if (!stats.isFile()) throw fault(`${file} is not a regular file, so the agent cannot serve it as an S3 object`);
  return { key, path, byteLength: stats.size };
}
