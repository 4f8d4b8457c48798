import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** It reads until the other end of its input is closed, which the kernel does when the process there dies. */
const WAIT_AND_KILL = 'read -r end; kill -s KILL -- "-$0"';

/**
 * Starts a shell that kills a process group as soon as this process is dead. SIGKILL, or the lack of memory, leaves a
 * process no time to do so itself.
 *
 * @returns what ends the shell, to be called when the group has ended.
 */
export function watchdog(group: number): () => void {
  const shell = spawn('/bin/sh', ['-c', WAIT_AND_KILL, String(group)], {
    // A session of its own: what ends this process by its terminal or its group must not end the shell first.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell, nothing but SIGKILL is lost.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as Socket).unref();
  return () => {
    shell.kill('SIGKILL');
    shell.stdin.destroy();
  };
}
