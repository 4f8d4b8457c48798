import { spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { ConfigError } from '../../base/errors.js';
import { describeEnd } from './describeEnd.js';
import { killedOnExit } from './killedOnExit.js';
import { processesOfGroup } from './processesOfGroup.js';
import { relayOutput } from './relayOutput.js';
import { startWatchdog } from './startWatchdog.js';

export interface CommandOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly graceMs: number;
  /**
   * The text before each line of output. If set, the command has no input. Otherwise, the command uses the terminal of
   * this process.
   */
  readonly linePrefix?: string | undefined;
}

export interface CommandEnd {
  readonly exitCode: number;
  readonly remark: string | undefined;
}

export interface RunningCommand {
  readonly end: Promise<CommandEnd>;
  /** A second call kills the command immediately. */
  readonly stop: (signal: NodeJS.Signals) => void;
}

/**
 * The command leads a new process group and session, so Ctrl-C reaches it only through `stop`. When the command or this
 * process ends, the rest of the group is killed, like at the end of a container. Only processes in a new session
 * survive.
 *
 * `stop` sends the signal only to the command. SageMaker sends signals only to the first process of a container. `end`
 * rejects with a ConfigError if the command cannot be started.
 */
export function startCommand(
  command: string,
  args: readonly string[],
  { environment, graceMs, linePrefix }: CommandOptions,
): RunningCommand {
  const ownTerminal = linePrefix === undefined;
  const stdio: StdioOptions = ownTerminal ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const watchdog = startWatchdog();
  const child = spawn(command, args, { stdio, env: environment, detached: true });
  if (child.pid !== undefined) watchdog.guard(child.pid);
  const outputEnd = ownTerminal ? undefined : relayOutput(child, linePrefix);
  const request: EndRequest = { asked: undefined, waitedMs: undefined, grace: undefined };

  const killAll = () => {
    if (child.pid !== undefined) killGroup(child.pid);
  };
  // If this process ended first, the command would wait for data forever.
  const releases = [killedOnExit(killAll), watchdog.end];

  const exit = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new ConfigError(`Cannot run ${command}: ${cause.message}`, { path: 'command', cause }));
    });
    child.once('exit', (code, signal) => {
      const { asked, waitedMs } = request;
      const left = asked === undefined ? [] : processesOfGroup(child.pid as number, asked);
      const remark = describeEnd({ command, exitCode: code, signal, asked, waitedMs, left });
      resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), remark });
    });
  });
  const waitForEnd = async (): Promise<CommandEnd> => {
    try {
      return await exit;
    } finally {
      clearTimeout(request.grace);
      killAll();
      for (const release of releases) release();
      await outputEnd?.();
    }
  };
  const end = waitForEnd();
  const stop = (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (request.asked !== undefined) {
      killAll();
      return;
    }
    request.asked = signal;
    child.kill(signal);
    request.grace = setTimeout(() => {
      request.waitedMs = graceMs;
      killAll();
    }, graceMs);
  };
  return { end, stop };
}

interface EndRequest {
  asked: NodeJS.Signals | undefined;
  waitedMs: number | undefined;
  grace: NodeJS.Timeout | undefined;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    // The group has no processes left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
