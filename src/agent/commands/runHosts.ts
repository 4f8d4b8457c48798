import type { StopSignals } from '../../base/catchStopSignals.js';
import { startCommand, type RunningCommand } from './startCommand.js';
import type { LocalHost } from '../job/localHost.js';

export interface HostCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly graceMs: number;
  readonly interruptAfterMs: number | undefined;
}

export interface HostsEnd {
  readonly exitCode: number;
  readonly failed: LocalHost | undefined;
  readonly remark: string | undefined;
  readonly interrupted: boolean;
}

/** Runs the command once for each host. If one command fails, sends SIGTERM to the other commands, like SageMaker. */
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
  // A second `stop` would kill commands that are about to end.
  const endOthers = () => {
    if (!isEnding) stopAll('SIGTERM');
  };
  const interrupt = () => {
    interrupted = !isEnding;
    endOthers();
  };

  const run = async (host: LocalHost) => {
    const linePrefix = hosts.length > 1 ? `${host.name} | ` : undefined;
    const environment = { ...process.env, ...host.environment };
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
