import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import type { Readable } from 'node:stream';
import { MILLRACE } from '../support/compiled.js';

/** A running `millrace`. */
export interface Millrace {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Stops reading its standard output. */
  readonly closeStdout: () => void;
  /** Stops reading its standard error. */
  readonly closeStderr: () => void;
  /** Resolves when its standard output contains the text. Rejects if the process ends before. */
  readonly said: (text: string) => Promise<void>;
  /** Resolves with its standard error when this matches. */
  readonly complained: (text: RegExp) => Promise<string>;
  /** Resolves when the process and all others that write to its standard output have ended. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts the built command `millrace` as a process. */
export function startMillrace(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Millrace {
  const child = spawn(execPath, [MILLRACE, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, stdout, stderr }));

  const seen = async (output: Readable, isSeen: () => boolean, text: string) => {
    while (!isSeen()) {
      await Promise.race([
        once(output, 'data'),
        ended.then(() => Promise.reject(new Error(`never said ${text}: ${stdout}${stderr}`))),
      ]);
    }
  };
  return {
    kill: (signal) => child.kill(signal),
    closeStdout: () => child.stdout.destroy(),
    closeStderr: () => child.stderr.destroy(),
    said: (text) => seen(child.stdout, () => stdout.includes(text), text),
    complained: async (text) => {
      await seen(child.stderr, () => text.test(stderr), String(text));
      return stderr;
    },
    ended,
  };
}
