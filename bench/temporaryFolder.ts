import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Creates a folder, in memory if there is enough space. The folder is removed when this process exits. */
export function temporaryFolder(byteLength: number): string {
  const folder = mkdtempSync(join(hasRoom('/dev/shm', byteLength) ? '/dev/shm' : tmpdir(), 'millrace-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Without a listener, a signal ends the process without the event `exit`.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  return folder;
}

function hasRoom(folder: string, byteLength: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= byteLength;
  } catch {
    return false;
  }
}
