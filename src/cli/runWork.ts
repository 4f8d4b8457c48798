import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { catchStopSignals } from '../base/catchStopSignals.js';
import type { WorkReport } from '../nats/helper/helperLoop.js';
import { work } from '../nats/helper/work.js';
import { Progress } from './progress.js';

export interface WorkFlags {
  readonly module: string;
  readonly servers?: string;
  readonly job?: string;
  readonly threads: number;
  readonly graceSeconds: number;
  readonly creds?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Works until a signal arrives. A second signal ends the process at once. */
export async function runWork(flags: WorkFlags): Promise<void> {
  const { module, servers, job, threads, graceSeconds, creds, tlsCa, tlsCert, tlsKey, json, quiet } = flags;
  const stop = new AbortController();
  const signals = catchStopSignals();
  signals.stopOnce(() => stop.abort());
  const usesTls = tlsCa !== undefined || tlsCert !== undefined || tlsKey !== undefined;
  const progress = new Progress(process.stderr, { verb: 'sent', unit: 'items' });
  try {
    const report = await work({
      module: pathToFileURL(resolve(module)),
      ...{ servers, job, threads, credentials: creds },
      tls: usesTls ? { ca: tlsCa, cert: tlsCert, key: tlsKey } : undefined,
      graceMs: graceSeconds * 1000,
      signal: stop.signal,
      onConnect: (found, server) => {
        if (!quiet && !json)
          process.stderr.write(`millrace: connected to ${server}, waiting for splits of the job ${found}\n`);
      },
      onProgress: (sent) => {
        if (!quiet && !json) progress.show({ bytes: sent.bytes, records: sent.items, note: splitsOf(sent) });
      },
    });
    progress.clear();
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else if (!quiet)
      process.stderr.write(
        `millrace: sent ${report.items} items, ${(report.bytes / 1e6).toFixed(1)} MB; ${splitsOf(report)}\n`,
      );
  } finally {
    progress.clear();
    signals.release();
  }
  // If the server is frozen, the client of NATS leaves a socket open.
  process.exit();
}

function splitsOf({ splits, failed }: WorkReport): string {
  return `${splits} split${splits === 1 ? '' : 's'} completed${failed > 0 ? `, ${failed} failed` : ''}`;
}
