import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Reads a process group, waits for the end of its input, then kills the group. The kernel closes the input when this process dies. */
const WAIT_AND_KILL = 'read -r group || exit; read -r end; kill -s KILL -- "-$group"';

/** A shell that kills a process group when this process dies. */
export interface Watchdog {
  /** Sets the process group. Call it in the same turn of the event loop that started the group. */
  readonly guard: (processGroup: number) => void;
  /** Ends the shell. Call it when the group has ended. */
  readonly end: () => void;
}

/**
 * Starts a shell that kills a process group when this process dies. SIGKILL and the out-of-memory killer leave this
 * process no time to do so itself.
 *
 * Start the shell before the group. Then the group is unguarded only during the system call that starts it.
 */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', WAIT_AND_KILL], {
    // A new session: a signal to this process's terminal or group must not end the shell.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without the shell, the group is still killed when this process exits, unless SIGKILL ends this process.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as Socket).unref();
  return {
    guard: (processGroup) => {
      shell.stdin.write(`${processGroup}\n`);
    },
    end: () => {
      shell.kill('SIGKILL');
      shell.stdin.destroy();
    },
  };
}
