import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stderr } from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach } from '@jest/globals';
import { firstValueFrom, toArray, type Observable } from 'rxjs';
import { onHosts, type OnHostsOptions } from '../../../src/nats/onHosts.js';
import { startNatsServer, type NatsServer } from '../../../src/agent/commands/startNatsServer.js';
import { startMillrace, type Millrace } from '../../cli/millrace.js';
import { compiled } from '../../support/compiled.js';
import { pipeline, type Data, type Item } from './pipelines.js';

export const MODULE = pathToFileURL(compiled('test/nats/support/pipelines.ts'));

/**
 * Starts a server for a test file. If `nats-server` is not installed, says so in one line and returns `undefined`.
 *
 * @param test - the path of the test file.
 */
export async function runningNats(test: string, config?: string): Promise<NatsServer | undefined> {
  const storeDir = mkdtempSync(join(tmpdir(), 'millrace-nats-'));
  try {
    const server = await startNatsServer({ storeDir, ...(config !== undefined && { config }) });
    afterAll(async () => {
      await server.stop();
      rmSync(storeDir, { recursive: true, force: true });
    });
    return server;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    stderr.write(`${test} did not run: ${(error as Error).message}\n`);
    rmSync(storeDir, { recursive: true });
    return undefined;
  }
}

export interface Helper extends Millrace {
  /** Ends it like a scheduler, and returns its report. */
  readonly drain: () => Promise<unknown>;
}

/** Returns a function that starts `millrace work`. All helpers are killed after the test. */
export function helpers(url: string): (job: string, ...words: readonly string[]) => Helper {
  const started: Millrace[] = [];
  afterEach(async () => {
    for (const { kill } of started) {
      kill('SIGKILL');
      kill('SIGCONT');
    }
    await Promise.all(started.splice(0).map(({ ended }) => ended));
  });
  return (job, ...words) => {
    const module = words.includes('--module') ? [] : ['--module', compiled('test/nats/support/pipelines.ts')];
    const helper = startMillrace(['work', '--servers', url, '--job', job, ...module, '--json', ...words]);
    started.push(helper);
    const drain = async (): Promise<unknown> => {
      helper.kill('SIGTERM');
      const { stdout, stderr: errors } = await helper.ended;
      if (stdout === '') throw new Error(errors);
      return JSON.parse(stdout) as unknown;
    };
    return { ...helper, drain };
  };
}

let jobs = 0;

export function newJob(): string {
  return `job${jobs++}`;
}

export const SPLITS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** A trainer. With `attempts`, so that slow machines do not make it fail. */
export function trainer(url: string, options: Partial<OnHostsOptions> & { readonly data: Data }): Observable<Item> {
  return onHosts<Item>(MODULE, { servers: url, splits: SPLITS, ackWaitMs: 2000, attempts: 1000, ...options });
}

/** The items of one machine. */
export async function expectedItems(data: Data, epoch = 0, splits: readonly unknown[] = SPLITS): Promise<Item[]> {
  const parts = splits.map((split, index) => firstValueFrom(pipeline(data, { split, index, epoch }).pipe(toArray())));
  return (await Promise.all(parts)).flat();
}

/** The ids and the digests of the values, because Jest compares large arrays slowly. */
export function digests(items: readonly Item[]): string[] {
  return items.map(({ id, values }) => `${id} ${createHash('sha256').update(values).digest('hex')}`);
}
