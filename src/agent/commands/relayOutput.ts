import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { prefixLines } from './prefixLines.js';

const SILENCE_MS = 500;

/**
 * Copies a command's output to the output of this process, as lines with a prefix.
 *
 * @returns a function to call after the command has ended. The function's promise resolves when all output has been
 *   copied.
 */
export function relayOutput({ stdout, stderr }: ChildProcess, prefix: string): () => Promise<void> {
  const pairs = [[stdout as Socket, process.stdout] as const, [stderr as Socket, process.stderr] as const];
  const relays = pairs.map(([source, target]) => prefixLines(source, target, prefix));
  return async () => {
    for (const [source] of pairs) endWhenSilent(source);
    await Promise.all(relays);
  };
}

/** Ends the output when no more arrives, because a process that left the group may never close the pipe. */
function endWhenSilent(source: Socket): void {
  let seen = -1;
  const timer = setInterval(() => {
    if (source.readableLength === 0 && source.bytesRead === seen) source.destroy();
    seen = source.bytesRead;
  }, SILENCE_MS);
  source.once('close', () => clearInterval(timer));
  if (source.closed) clearInterval(timer);
}
