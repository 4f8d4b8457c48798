import { env } from 'node:process';
import type { StopSignals } from './catchStopSignals.js';
import { startCommand, type RunningCommand } from './startCommand.js';
import type { LocalHost } from '../job/localHost.js';

/** The command that every host runs. */
export interface HostCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly graceMs: number;
  /** The time from the start until every host is asked to end, as if SageMaker took its spot instance back. */
  readonly interruptAfterMs: number | undefined;
}

/** How the hosts' commands ended. */
export interface HostsEnd {
  /** 0 where all ended well, else that of the first that did not. */
  readonly exitCode: number;
  /** The first whose command failed. */
  readonly failed: LocalHost | undefined;
  /** A remark on its end, if the exit code does not say enough. */
  readonly remark: string | undefined;
  /** Whether they were interrupted before all had ended. */
  readonly interrupted: boolean;
}

/**
 * Runs the command once for each host, all at the same time. When one fails the others are asked to end, as SageMaker
 * ends the job. Of several hosts, each line of output bears the host's name.
 *
 * @throws ConfigError when the command cannot be started.
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
  // To ask again would kill those that are about to end.
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
