import { readdirSync, readlinkSync } from 'node:fs';
import { nextTurn } from './fifoWriter.js';

/** Returns the open files of this process below a folder. */
export function descriptorsBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return []; // The descriptor of the listing.
    }
  });
}

/** Waits a few turns of the event loop for pending closes. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await nextTurn();
}
