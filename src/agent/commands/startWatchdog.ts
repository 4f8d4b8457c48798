import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** The kernel closes the shell's input when this process dies. */
const WAIT_AND_KILL = 'read -r group || exit; read -r end; kill -s KILL -- "-$group"';

export interface Watchdog {
  /** Call this immediately after starting the group, without an `await` between. */
  readonly guard: (processGroup: number) => void;
  readonly end: () => void;
}

/**
 * Starts a shell that kills a process group when this process dies, even by SIGKILL of the out-of-memory killer.
 *
 * Call this before starting the group, so that the shell exists when `guard` is called.
 */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', WAIT_AND_KILL], {
    // A signal to the terminal or group of this process must not end the shell.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without the shell, the group survives a SIGKILL of this process.
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
