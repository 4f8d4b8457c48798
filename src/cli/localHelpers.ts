import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCommand } from '../agent/commands/startCommand.js';
import { startNatsServer } from '../agent/commands/startNatsServer.js';
import { moduleDigest } from '../nats/moduleDigest.js';

export interface LocalHelpersOptions {
  readonly count: number;
  readonly module: string;
}

const GRACE_MS = 5000;

/**
 * Starts a NATS server and helpers on this machine, and sets the variables with which `onHosts` finds the server.
 *
 * @returns a function that ends these processes.
 */
export async function startLocalHelpers({ count, module }: LocalHelpersOptions): Promise<() => Promise<void>> {
  // Rejects if the module cannot be read. Helpers would end at once, and the trainer would wait for them.
  await moduleDigest('local', pathToFileURL(resolve(module)));
  const storeDir = mkdtempSync(join(tmpdir(), 'millrace-nats-'));
  const removeFolder = (): void => rmSync(storeDir, { recursive: true, force: true });
  const server = await startNatsServer({ storeDir }).catch((error: unknown) => {
    removeFolder();
    throw error;
  });
  process.env['NATS_URL'] = server.url;
  process.env['MILLRACE_JOB'] ??= 'local';
  const folder = dirname(createRequire(import.meta.url).resolve('millrace/package.json'));
  const words = [join(folder, 'dist/lib/main.js'), 'work', '--module', module, '--quiet', '--grace-seconds', '0'];
  const options = { environment: { ...process.env }, graceMs: GRACE_MS };
  const helpers = Array.from({ length: count }, (_, i) =>
    startCommand(process.execPath, words, { ...options, linePrefix: `helper ${i + 1} | ` }),
  );
  return async () => {
    for (const { stop } of helpers) stop('SIGTERM');
    await Promise.allSettled(helpers.map(({ end }) => end));
    await server.stop();
    removeFolder();
  };
}
