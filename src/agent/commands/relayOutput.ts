import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import process from 'node:process';
import { prefixLines } from './prefixLines.js';

const SILENCE_MS = 500;

/**
 * Passes what a command writes to this process's own output, with a prefix before each line.
 *
 * @returns what is to be called when the command has ended: it resolves when all that was written has been passed on.
 */
export function relayOutput({ stdout, stderr }: ChildProcess, prefix: string): () => Promise<void> {
  const pairs = [[stdout as Socket, process.stdout] as const, [stderr as Socket, process.stderr] as const];
  const relays = pairs.map(([source, target]) => prefixLines(source, target, prefix));
  return async () => {
    for (const [source] of pairs) endWhenSilent(source);
    await Promise.all(relays);
  };
}

/** A process that escaped its group may hold the pipe open for ever. What has been written comes at once. */
function endWhenSilent(source: Socket): void {
  let seen = -1;
  const timer = setInterval(() => {
    if (source.readableLength === 0 && source.bytesRead === seen) source.destroy();
    seen = source.bytesRead;
  }, SILENCE_MS);
  source.once('close', () => clearInterval(timer));
  if (source.closed) clearInterval(timer);
}
