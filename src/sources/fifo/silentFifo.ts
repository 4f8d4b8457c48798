import { fstatSync, statSync } from 'node:fs';

/** What is known of a FIFO that is silent. */
export interface SilentFifo {
  readonly fd: number;
  readonly path: string;
  readonly silentMs: number;
  /** How many bytes came before. */
  readonly byteCount: number;
}

/** Says that a FIFO is silent, for how long and since when, and what to do, which depends on whether it is still in its place. */
export function silentFifo({ fd, path, silentMs, byteCount }: SilentFifo): string {
  const since = byteCount === 0 ? 'since it was opened' : `after ${byteCount} bytes`;
  return `The FIFO ${path} has been silent for ${silentMs} ms while data was wanted, ${since}. ${REMEDIES[placeOf(fd, path)]}`;
}

const REMEDIES = {
  there:
    'Its writer may be stuck or missing: look at the agent or the job that feeds it, or allow longer silence with ' +
    'idleTimeoutMs.',
  gone:
    'It has been removed in the meantime, so no writer can find it: leave it in its place until it has been read, and ' +
    'start the agent or the job that feeds it anew.',
  replaced:
    'Another one has taken its place in the meantime, and that is the one that a writer finds: make a FIFO once, before ' +
    'it is opened, or subscribe again.',
};

function placeOf(fd: number, path: string): keyof typeof REMEDIES {
  const opened = fstatSync(fd);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 'gone';
  return found.ino === opened.ino && found.dev === opened.dev ? 'there' : 'replaced';
}
