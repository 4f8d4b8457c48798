import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Reads a process group, waits until its input ends, then kills the group. The kernel ends the input at this death. */
const WAIT_AND_KILL = 'read -r group || exit; read -r end; kill -s KILL -- "-$group"';

/** A shell that kills a process group as soon as this process is dead. */
export interface Watchdog {
  /** Names the process group. Call it in the turn in which the group was started. */
  readonly guard: (processGroup: number) => void;
  /** Ends the shell. Call it when the group has ended. */
  readonly end: () => void;
}

/**
 * Starts a shell that kills a process group as soon as this process is dead. A process cannot do so itself if SIGKILL
 * or a lack of memory ends it.
 *
 * Start the shell first, so that only the start of the group itself is unguarded: the system call that makes it.
 */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', WAIT_AND_KILL], {
    // A session of its own: a signal to the terminal or the group of this process must not end the shell.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // If the shell cannot start, only SIGKILL leaves the group alive.
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
