import { fstatSync, statSync } from 'node:fs';

export interface SilentFifo {
  readonly fd: number;
  readonly path: string;
  readonly silentMs: number;
  readonly byteCount: number;
}

/** The remedy depends on whether the FIFO still exists at its path. */
export function silentFifo({ fd, path, silentMs, byteCount }: SilentFifo): string {
  const since = byteCount === 0 ? 'since it was opened' : `after ${byteCount} bytes`;
  const silence = `has delivered no data for ${silentMs} ms ${since}, although data was requested`;
  return `The FIFO ${path} ${silence}. ${REMEDIES[placeOf(fd, path)]}`;
}

const REMEDIES = {
  there:
    'The writer may be missing or blocked: check the agent or job that writes to this FIFO. If the writer is ' +
    'only slow, increase idleTimeoutMs.',
  gone:
    'The FIFO was removed after it was opened, so no writer can find it. Do not remove a FIFO before it is read, and ' +
    'restart the agent or job that writes to this FIFO.',
  replaced:
    'The FIFO was replaced after it was opened, so writers write to the new FIFO. To read the new FIFO, ' +
    'subscribe again. To avoid this error, create a FIFO only once, before it is opened.',
};

function placeOf(fd: number, path: string): keyof typeof REMEDIES {
  const opened = fstatSync(fd);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 'gone';
  return found.ino === opened.ino && found.dev === opened.dev ? 'there' : 'replaced';
}
