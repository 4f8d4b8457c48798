import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** `output` rejects if the exit code is not 0. */
export interface Pinned {
  readonly child: ChildProcess;
  readonly output: Promise<Output>;
}

const running = new Set<ChildProcess>();

/** The lines of output that an error contains. A failed build prints hundreds. */
const LINES = 20;

process.on('exit', () => {
  for (const { pid } of running) {
    if (pid !== undefined) killGroup(pid);
  }
});

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All its processes have ended.
  }
}

/** Starts a command whose threads and child processes use one CPU. */
export function startPinned(cpu: string, command: string, args: readonly string[]): Pinned {
  return start('taskset', ['-c', cpu, command, ...args], command);
}

export function run(command: string, args: readonly string[]): Promise<Output> {
  return start(command, args, command).output;
}

function start(command: string, args: readonly string[], name: string): Pinned {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The report of `dd` is parsed, so it must be in English.
    env: { ...process.env, LC_ALL: 'C' },
    // A process group of its own, so that its child processes end with it.
    detached: true,
  });
  running.add(child);
  const output = outputOf(child, name);
  // The caller may wait for another process first. Until then, a failure must not be an unhandled rejection.
  output.catch(() => undefined);
  return { child, output };
}

async function outputOf(child: ChildProcess, command: string): Promise<Output> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('a process without output');
  const ended = once(child, 'close').finally(() => running.delete(child));
  const [out, errors] = await Promise.all([text(stdout), text(stderr), ended]);
  if (child.exitCode !== 0) {
    // Compilers print errors on standard output.
    const lines = `${errors}${out}`.trim().split('\n').slice(0, LINES).join('\n');
    const end = `${command} ended with ${child.signalCode ?? child.exitCode ?? 'nothing'}`;
    throw new Error(lines === '' ? end : `${end}: ${lines}`);
  }
  return { stdout: out, stderr: errors };
}
