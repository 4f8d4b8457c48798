import { hostname } from 'node:os';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ConfigError, type MillraceError } from '../../base/errors.js';
import { abortSignal } from '../../base/optionFields.js';
import { parseOptions, positiveInteger } from '../../base/parseOptions.js';
import { moduleSchema, nameOfModule } from '../../workers/host/workerFields.js';
import { connectTo, connectionFailure, jobField, jobOrEnvironment, natsFields, type NatsOptions } from '../connect.js';
import { moduleDigest } from '../moduleDigest.js';
import { HelperLoop, type WorkReport } from './helperLoop.js';

export interface WorkOptions extends NatsOptions {
  readonly job?: string | undefined;
  readonly module: URL;
  readonly threads?: number | undefined;
  /**
   * If aborted, the helper takes no more splits. If it cannot finish a split within `graceMs`, it returns the split to
   * the queue.
   */
  readonly signal?: AbortSignal | undefined;
  /** The time in milliseconds to finish the current splits after `signal` was aborted. */
  readonly graceMs?: number | undefined;
  /** Called when the server has accepted the connection. */
  readonly onConnect?: ((job: string, server: string) => void) | undefined;
  readonly onProgress?: ((report: WorkReport) => void) | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    ...natsFields(),
    job: jobField().optional(),
    module: moduleSchema(),
    threads: positiveInteger().default(1),
    signal: abortSignal().optional(),
    graceMs: z.number().nonnegative().default(20_000),
    onConnect: z.custom<WorkOptions['onConnect']>().optional(),
    onProgress: z.custom<WorkOptions['onProgress']>().optional(),
  }),
);

/**
 * Works on the splits of a job, until `signal` is aborted. Rejects if the trainer refuses the module, or if the server
 * closes the connection.
 */
export async function work(options: WorkOptions): Promise<WorkReport> {
  const name = `work(${nameOfModule(options.module)})`;
  const { module, threads, signal, graceMs, onConnect, onProgress, ...nats } = parseOptions(
    name,
    optionsSchema(),
    options,
  );
  const job = jobOrEnvironment(name, nats.job);
  const digest = await moduleDigest(name, module);
  const connected = await connectTo(name, nats);
  const report: WorkReport = { splits: 0, items: 0, bytes: 0, failed: 0 };
  const drain = new AbortController();
  const stop = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const beginDrain = (): void => {
    drain.abort();
    grace ??= setTimeout(() => stop.abort(), graceMs);
  };
  if (signal?.aborted) beginDrain();
  else signal?.addEventListener('abort', beginDrain, { once: true });
  let failure: MillraceError | undefined;
  const fail = (error: MillraceError): void => {
    failure ??= error;
    beginDrain();
    stop.abort();
  };
  void connectionFailure(connected.connection, name).then(fail);
  const loops = Array.from({ length: threads }, (_, thread) => {
    return new HelperLoop({
      ...{ name, job, module, digest, report, nats: connected },
      host: `${hostname()} (pid ${process.pid}${threads > 1 ? `, thread ${thread}` : ''})`,
      drain: drain.signal,
      stop: stop.signal,
      onProgress: () => onProgress?.({ ...report }),
      onRefused: (reason) => {
        const message = `${name}: the trainer of the job ${job} refuses this helper, because ${reason}. Give the helper the module file of the trainer.`;
        fail(new ConfigError(message, { path: 'module' }));
      },
    });
  });
  try {
    onConnect?.(job, connected.connection.getServer());
    await Promise.all(loops.map((loop) => loop.run()));
  } finally {
    clearTimeout(grace);
    signal?.removeEventListener('abort', beginDrain);
    // Without a server, the client cannot drain, and would try to connect forever.
    await connected.connection.drain().catch(() => connected.connection.close());
  }
  if (failure) throw failure;
  return report;
}
