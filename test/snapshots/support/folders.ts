import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nextTurn } from '../../support/fifoWriter.js';

/** The paths of all files below a folder, including hidden ones. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Waits until no file is left: unsubscribing does not wait for the files to be removed. */
export async function untilEmpty(folder: string): Promise<void> {
  while (filesBelow(folder).length > 0) await nextTurn();
}
