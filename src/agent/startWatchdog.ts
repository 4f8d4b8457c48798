import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Waits until its input ends, then kills the group. The kernel closes the other end when this process dies. */
const WAIT_AND_KILL = 'read -r end; kill -s KILL -- "-$0"';

/**
 * Starts a shell that kills a process group as soon as this process is dead. A process cannot do so itself if SIGKILL
 * or a lack of memory ends it.
 *
 * @returns a function that ends the shell. Call it when the group has ended.
 */
export function startWatchdog(processGroup: number): () => void {
  const shell = spawn('/bin/sh', ['-c', WAIT_AND_KILL, String(processGroup)], {
    // A session of its own: a signal to the terminal or the group of this process must not end the shell.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // If the shell cannot start, only SIGKILL leaves the group alive.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as Socket).unref();
  return () => {
    shell.kill('SIGKILL');
    shell.stdin.destroy();
  };
}
