import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../core/errors.js';
import { mapFiles } from './mapFiles.js';

/** How often what has changed is copied while the command runs. */
const COPY_EVERY_MS = 1000;

/** A file that is being copied, or was when the agent was killed. */
const PART = '.millrace-part';

/** The two ends of a host's checkpoints. */
export interface CheckpointPlaces {
  /** The folder in the place of S3, which is there. All hosts share it. */
  readonly store: string;
  /** The folder in the host's tree. */
  readonly local: string;
  readonly host: string;
}

/** Keeps the checkpoints of one host in the folder that is in the place of S3. */
export interface CheckpointMirror {
  /** Copies each file that has changed since it was last copied. Nothing is ever removed there, as in S3. */
  readonly copyBack: () => Promise<void>;
  /** Copies what has changed once a second, until the signal is aborted. */
  readonly copyWhile: (signal: AbortSignal) => Promise<void>;
}

/**
 * Copies what is in the place of S3 into a host's tree, as SageMaker does before a training starts.
 *
 * A file is copied as a whole, under another name, and then renamed: nobody finds a part of it.
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

/** The regular files below a folder, by their paths from there. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Another text for each state of a file; `undefined` if it is gone. */
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
