import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { startLocalAgent, type LocalAgent, type ServedEpoch } from 'millrace/agent';
import { until } from '../support/fifoWriter.js';

/** Returns a function that starts agents. Closes all of them after each test. */
export function temporaryAgents(): typeof startLocalAgent {
  const agents: LocalAgent[] = [];
  afterEach(() => Promise.all(agents.splice(0).map((agent) => agent.close())));
  return async (job, options) => {
    const agent = await startLocalAgent(job, options);
    agents.push(agent);
    return agent;
  };
}

/** Returns the path of a FIFO. */
export const fifo = (agent: LocalAgent, name: string): string => join(agent.baseDir, 'input/data', name);

/** Returns the names of the existing FIFOs. */
export const fifos = (agent: LocalAgent): string[] => readdirSync(join(agent.baseDir, 'input/data')).sort();

/** Opens a FIFO for reading without waiting for its writer. */
export const openReader = (path: string): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);

/** Like {@link openReader}, but returns a stream. */
export const streamReader = (path: string): Socket =>
  new Socket({ fd: openReader(path), readable: true, writable: false });

/** Opens a FIFO and closes it at once. */
export const visit = (path: string): void => closeSync(openReader(path));

/** The epochs that an agent has reported. */
export interface ServedLog {
  readonly epochs: ServedEpoch[];
  readonly onEpoch: (epoch: ServedEpoch) => void;
  /** Resolves when this many epochs were reported. */
  readonly count: (epochs: number) => Promise<void>;
}

/** Collects the epochs that an agent reports. */
export function servedLog(): ServedLog {
  const epochs: ServedEpoch[] = [];
  const count = (expected: number) => until(() => epochs.length >= expected);
  return { epochs, onEpoch: (epoch) => epochs.push(epoch), count };
}
