import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statfsSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const MEMORY = '/dev/shm';

/**
 * Creates a folder, in memory if there is enough space. The folder is removed when this process exits. Also removes the
 * folders of processes that were killed.
 */
export function temporaryFolder(byteLength: number): string {
  for (const parent of [MEMORY, tmpdir()]) removeAbandoned(parent);
  const parent = freeBytes(MEMORY) >= byteLength ? MEMORY : tmpdir();
  const folder = mkdtempSync(join(parent, `${namePrefix()}${process.pid}-`));
  // A killed process may still end a write.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  // Without a listener, a signal ends the process without the event `exit`.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  return folder;
}

/** @throws Error if the file system of a folder has less free space. */
export function requireRoom(folder: string, byteLength: number): void {
  const free = freeBytes(folder);
  if (free >= byteLength) return;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  throw new Error(
    `${folder} has ${megabytes(free)} of free space, but needs ${megabytes(byteLength)}: free some space.`,
  );
}

/** Removes the temporary folders of processes that have ended. */
export function removeAbandoned(parent: string): void {
  if (!existsSync(parent)) return;
  const start = namePrefix();
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(start) ? Number.parseInt(name.slice(start.length), 10) : NaN;
    if (Number.isNaN(pid) || existsSync(`/proc/${pid}`)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // A folder of another user.
    }
  }
}

/** Includes the namespace of process numbers, because containers may share a folder. */
export function namePrefix(): string {
  return `millrace-bench-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}-`;
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
