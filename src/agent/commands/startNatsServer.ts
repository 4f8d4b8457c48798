import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MillraceError } from '../../base/errors.js';
import { reasonOfFailure } from '../../base/reasonOfFailure.js';
import { killedOnExit } from './killedOnExit.js';
import { startWatchdog } from './startWatchdog.js';

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/**
 * Starts `nats-server` with JetStream on this machine's loopback address.
 *
 * @param options.storeDir - the folder of JetStream. The queue of splits is in memory, so the folder remains almost
 *   empty.
 * @param options.port - default: any free port.
 * @param options.config - the path of a configuration file.
 */
export async function startNatsServer(options: {
  readonly storeDir: string;
  readonly port?: number;
  readonly config?: string;
}): Promise<NatsServer> {
  const { storeDir, port = -1, config } = options;
  const words = ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', storeDir];
  if (config !== undefined) words.push('--config', config);
  const watchdog = startWatchdog();
  const child = spawn('nats-server', words, { stdio: ['ignore', 'ignore', 'pipe'], env: process.env, detached: true });
  if (child.pid !== undefined) watchdog.guard(child.pid);
  const releases = [killedOnExit(() => child.kill('SIGKILL')), watchdog.end];
  child.once('close', () => releases.forEach((release) => release()));
  const lines: string[] = [];
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const found = await new Promise<number>((resolve, reject) => {
    let listens = 0;
    child.once('error', (cause) => reject(notStarted(reasonOfFailure(cause), cause)));
    child.once('close', () => reject(notStarted(lines.slice(-3).join(' '))));
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (lines.push(line) > 20) lines.shift();
      listens = Number(/client connections on .*:(\d+)$/.exec(line)?.[1] ?? listens);
      if (line.includes('Server is ready')) resolve(listens);
    });
  });
  return {
    url: `nats://127.0.0.1:${found}`,
    port: found,
    pid: child.pid as number,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}

function notStarted(reason: string, cause?: unknown): MillraceError {
  const message = `cannot start nats-server: ${reason}. Install it, for example with apt-get install nats-server`;
  return new MillraceError(message, { code: 'ERR_AGENT', cause });
}
