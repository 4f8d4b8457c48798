import { env } from 'node:process';
import type { StopSignals } from './catchStopSignals.js';
import { startCommand, type RunningCommand } from './startCommand.js';
import type { LocalHost } from '../job/localHost.js';

export interface HostCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly graceMs: number;
  /**
   * The time from the start until all hosts receive SIGTERM, in milliseconds. It simulates the interruption of spot
   * instances.
   */
  readonly interruptAfterMs: number | undefined;
}

export interface HostsEnd {
  /** The exit code of the first command that failed, or 0 if none failed. */
  readonly exitCode: number;
  readonly failed: LocalHost | undefined;
  /** The `remark` of {@link CommandEnd} for that host. */
  readonly remark: string | undefined;
  /** Whether `interruptAfterMs` passed before all commands had ended. */
  readonly interrupted: boolean;
}

/**
 * Runs the command once for each host, all at the same time. If one command fails, the others receive SIGTERM, because
 * SageMaker then ends the whole job. If there are several hosts, each line of output begins with the host's name.
 *
 * @throws ConfigError if the command cannot be started.
 */
export async function runHosts(
  hosts: readonly LocalHost[],
  { command, args, graceMs, interruptAfterMs }: HostCommand,
  signals: StopSignals,
): Promise<HostsEnd> {
  const running: RunningCommand[] = [];
  let end: Omit<HostsEnd, 'interrupted'> = { exitCode: 0, failed: undefined, remark: undefined };
  let isEnding = false;
  let interrupted = false;
  const stopAll = (signal: NodeJS.Signals) => {
    isEnding = true;
    for (const { stop } of running) stop(signal);
  };
  // A second `stop` would kill the commands that are about to end.
  const endOthers = () => {
    if (!isEnding) stopAll('SIGTERM');
  };
  const interrupt = () => {
    interrupted = !isEnding;
    endOthers();
  };

  const run = async (host: LocalHost) => {
    const linePrefix = hosts.length > 1 ? `${host.name} | ` : undefined;
    const environment = { ...env, ...host.environment };
    try {
      const child = startCommand(command, args, { environment, graceMs, linePrefix });
      running.push(child);
      const { exitCode, remark } = await child.end;
      if (exitCode === 0) return;
      if (end.failed === undefined) end = { exitCode, failed: host, remark };
      endOthers();
    } catch (error) {
      endOthers();
      throw error;
    }
  };
  const runs = hosts.map(run);
  signals.deliverTo(stopAll);
  const timer = interruptAfterMs === undefined ? undefined : setTimeout(interrupt, interruptAfterMs);
  const failure = (await Promise.allSettled(runs)).find((result) => result.status === 'rejected');
  clearTimeout(timer);
  if (failure !== undefined) throw failure.reason;
  return { ...end, interrupted };
}
