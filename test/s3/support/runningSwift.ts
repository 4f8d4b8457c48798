import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { env, execPath, stderr } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { problemOfSwift, type S3Server } from '../../../scripts/s3Server/startSwift.js';
import { accessKeyOf, REGION, SECRET_ACCESS_KEY } from '../../../scripts/s3Server/swiftConfig.js';
import { compiled } from '../../support/compiled.js';

const POLL_MS = 100;
/** Longer than the time after which the server itself gives up. */
const START_TIMEOUT_MS = 120_000;
const accountOf = (test: string): string => basename(test, '.test.ts').toLowerCase();

/**
 * Returns the S3 server of this run of the tests. The first test file starts it, and it ends with the run. Each file
 * has an account with its own buckets. If this machine cannot run the server, says why in one line and returns
 * `undefined`.
 *
 * @param test - the path of the test file.
 */
export async function runningSwift(test: string): Promise<Omit<S3Server, 'stop'> | undefined> {
  try {
    const endpoint = await endpointOfRun();
    return { endpoint, region: REGION, accessKeyId: accessKeyOf(accountOf(test)), secretAccessKey: SECRET_ACCESS_KEY };
  } catch (error) {
    stderr.write(`${test} did not run: ${(error as Error).message.split('\n')[0]}\n`);
    return undefined;
  }
}

async function endpointOfRun(): Promise<string> {
  const problem = problemOfSwift();
  if (problem !== undefined) throw new Error(problem);
  const log = join(env['MILLRACE_TESTS_FOLDER'] ?? '', 'swift.log');
  const output = createOnce(log);
  if (output !== undefined) startServer(output);
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const text = readFileSync(log, 'utf8');
    const [, endpoint] = /^export AWS_ENDPOINT_URL_S3=(.*)$/m.exec(text) ?? [];
    if (endpoint !== undefined) return endpoint;
    if (text.includes('Error')) throw new Error(text);
    if (Date.now() > deadline) throw new Error(`the S3 server has not started: ${log}`);
    await setTimeout(POLL_MS);
  }
}

/** Returns `undefined` if another worker has created the file. */
function createOnce(path: string): number | undefined {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** The server does not belong to the worker that starts it, because jest can replace its workers. */
function startServer(output: number): void {
  const accounts = readdirSync(fileURLToPath(new URL('..', import.meta.url)))
    .filter((file) => file.endsWith('.test.ts'))
    .map(accountOf);
  const server = [compiled('scripts/s3Server/main.ts'), '--until', env['MILLRACE_TESTS_PID'] ?? '', ...accounts];
  spawn(execPath, server, { detached: true, stdio: ['ignore', output, output] }).unref();
  closeSync(output);
}
