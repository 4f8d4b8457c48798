import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../../base/errors.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { filesBelow, type Destination } from './destination.js';

const COPY_EVERY_MS = 1000;

export interface CheckpointPlaces {
  /** The place of `CheckpointConfig.S3Uri`, which all hosts share. */
  readonly destination: Destination;
  readonly local: string;
  readonly host: string;
  /** Ends the copy to the host's folder. */
  readonly signal: AbortSignal | undefined;
}

export interface CheckpointMirror {
  /**
   * Copies changed files. Like SageMaker, never removes a file at the destination.
   *
   * @throws MillraceError `ERR_AGENT` for the first file that cannot be copied, after copying the other files. The next
   *   call tries again.
   */
  readonly copyBack: () => Promise<void>;
  /**
   * Calls `copyBack` every second until the signal is aborted. `onFailure` receives the first of consecutive failures.
   */
  readonly copyWhile: (signal: AbortSignal, onFailure: (error: Error) => void) => Promise<void>;
}

/**
 * Copies existing checkpoints to the host's folder, as SageMaker does before a training.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
 */
export async function mirrorCheckpoints({
  destination,
  local,
  host,
  signal: startSignal,
}: CheckpointPlaces): Promise<CheckpointMirror> {
  await mkdir(local, { recursive: true });
  const known = new Map<string, string | undefined>();
  await mapConcurrently(await destination.fetchInto(local, startSignal), async (key) => {
    known.set(key, await versionOf(join(local, key)));
  });

  const copyChanged = async (key: string) => {
    const version = await versionOf(join(local, key));
    if (version === undefined || version === known.get(key)) return;
    await destination.put(join(local, key), key);
    known.set(key, version);
  };
  const copyBack = async () => {
    const failures: unknown[] = [];
    const copy = (key: string) => copyChanged(key).catch((error: unknown) => failures.push(error));
    try {
      await mapConcurrently(await filesBelow(local), copy, undefined, destination.concurrency);
      if (failures.length > 0) throw failures[0];
    } catch (cause) {
      const message = `Cannot copy the checkpoints of ${host} from ${local} to ${destination.name}: ${String(cause)}`;
      throw new MillraceError(message, { code: 'ERR_AGENT', cause });
    }
  };
  const copyWhile: CheckpointMirror['copyWhile'] = async (signal, onFailure) => {
    let isFailing = false;
    while (!signal.aborted) {
      await delay(COPY_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await copyBack();
        isFailing = false;
      } catch (error) {
        // A short failure of a server must not end a long training.
        if (!isFailing && !signal.aborted) onFailure(error as Error);
        isFailing = true;
      }
    }
  };
  return { copyBack, copyWhile };
}

/** Returns a text that changes with the file, or `undefined` without a file. */
async function versionOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}
