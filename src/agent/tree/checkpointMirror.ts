import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../../base/errors.js';
import { mapFiles } from '../data/mapFiles.js';

/** The time between two copies, in milliseconds. */
const COPY_EVERY_MS = 1000;

/** The suffix of a file while it is copied. It remains if the agent is killed. */
const PART = '.millrace-part';

export interface CheckpointPlaces {
  /** The folder that replaces S3. All hosts share it, and it must exist. */
  readonly store: string;
  readonly local: string;
  readonly host: string;
}

export interface CheckpointMirror {
  /** Copies changed files. Never removes a file from the store, as in S3. */
  readonly copyBack: () => Promise<void>;
  readonly copyWhile: (signal: AbortSignal) => Promise<void>;
}

/**
 * First copies the store to the host's folder, as SageMaker does before a training starts.
 *
 * `copyBack` renames a complete copy, so a reader of the store never sees an incomplete file.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
 */
export async function mirrorCheckpoints({ store, local, host }: CheckpointPlaces): Promise<CheckpointMirror> {
  await mkdir(local, { recursive: true });
  const known = new Map<string, string | undefined>();
  await mapFiles(await filesBelow(store), async (key) => {
    if (key.endsWith(PART)) return;
    const target = join(local, key);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(store, key), target);
    known.set(key, await versionOf(target));
  });

  const copyChanged = async (key: string) => {
    const version = await versionOf(join(local, key));
    if (version === undefined || version === known.get(key)) return;
    await copyWhole(join(local, key), join(store, key), `.${host}${PART}`);
    known.set(key, version);
  };
  const copyBack = async () => {
    try {
      await mapFiles(await filesBelow(local), copyChanged);
    } catch (cause) {
      const message = `Cannot copy the checkpoints of ${host} from ${local} to ${store}: ${String(cause)}`;
      throw new MillraceError(message, { code: 'ERR_AGENT', cause });
    }
  };
  const copyWhile = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await delay(COPY_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await copyBack();
    }
  };
  return { copyBack, copyWhile };
}

/** Returns paths relative to the folder. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Returns a text that changes with the file, or `undefined` if there is no file. */
async function versionOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}

async function copyWhole(path: string, target: string, suffix: string): Promise<void> {
  const part = target + suffix;
  await mkdir(dirname(target), { recursive: true });
  try {
    await copyFile(path, part);
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    // The training may remove an old checkpoint at any time.
    if (!isGone(error)) throw error;
  }
}

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
