import { copyFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { FormatError } from '../../src/base/errors.js';
import { onHosts } from '../../src/nats/onHosts.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { helpers, MODULE, newJob, runningNats, trainer } from './support/natsTests.js';

const server = await runningNats('test/nats/errors.test.ts');
const url = server?.url ?? '';
const newFolder = temporaryFolders();

describe('onHosts without a server', () => {
  it('fails with the address', async () => {
    const item$ = trainer('nats://127.0.0.1:1', { job: 'none', data: { items: 1 } });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      message: expect.stringContaining('cannot connect to nats://127.0.0.1:1'),
    });
  });

  it.each(['credentials', 'tls.ca'])('fails if a file cannot be read: %s', async (path) => {
    const file = join(newFolder(), 'missing');
    const files = path === 'credentials' ? { credentials: file } : { tls: { ca: file } };
    const item$ = trainer('nats://127.0.0.1:1', { job: 'none', data: { items: 1 }, ...files });
    const message = `onHosts(pipelines.js): ${path}: cannot read ${file}: it does not exist`;
    await expect(lastValueFrom(item$)).rejects.toMatchObject({ code: 'ERR_CONFIG', path, message });
  });

  it('throws if the job cannot be a name in NATS', () => {
    expect(() => onHosts(MODULE, { servers: url, job: 'a.b', splits: [] })).toThrow('job: expected letters');
  });

  it('throws without a job', () => {
    expect(() => onHosts(MODULE, { servers: url, splits: [] })).toThrow('MILLRACE_JOB');
  });
});

(server ? describe : describe.skip)('onHosts', () => {
  const startHelper = helpers(url);

  it('fails with the class and fields of an error of the pipeline, after some attempts', async () => {
    const job = newJob();
    startHelper(job);
    const item$ = trainer(url, { job, data: { items: 4, failing: 1 }, attempts: 2, ackWaitMs: 10_000 });
    const ids: string[] = [];
    const error = await new Promise<unknown>((resolve) => {
      item$.subscribe({ next: ({ id }) => ids.push(id), error: resolve });
    });
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({
      byteOffset: 7,
      message: expect.stringMatching(/Test: bad .*splits\[1\] \("b"\) failed 2 times, the last time on /),
    });
    expect(ids).toEqual(['0 a 0', '0 a 1', '0 a 2', '0 a 3', '0 b 0', '0 b 1']);
  });

  it('names a split on which helpers die', async () => {
    const job = newJob();
    for (let i = 0; i < 2; i++) startHelper(job);
    const item$ = trainer(url, { job, data: { items: 4, killing: 0 }, splits: ['a'], attempts: 1, ackWaitMs: 1500 });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({
      code: 'ERR_WORKER',
      message: expect.stringMatching(/splits\[0\] \("a"\) failed on .*The helpers that worked on this split died/),
    });
  });

  it('fails if no helper works in time', async () => {
    const item$ = trainer(url, { job: newJob(), data: { items: 1 }, helperTimeoutMs: 300 });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({
      code: 'ERR_WORKER',
      message: expect.stringContaining('no helper has worked for 0.3 s. Start millrace work --job'),
    });
  });

  it('refuses a helper with another file of the module, whose process ends', async () => {
    const job = newJob();
    const other = join(newFolder(), 'pipelines.js');
    copyFileSync(fileURLToPath(MODULE), other);
    appendFileSync(other, '\n');
    const helper = startHelper(job, '--module', other);
    const failed = lastValueFrom(trainer(url, { job, data: { items: 1 }, helperTimeoutMs: 5000 })).catch(
      (error: unknown) => error,
    );
    const { exitCode, stderr } = await helper.ended;
    expect(exitCode).toBe(2);
    expect(stderr).toContain('refuses this helper');
    expect(await failed).toMatchObject({ code: 'ERR_CONFIG', path: 'module' });
  });

  it('fails if the export is not a function of the split', async () => {
    const job = newJob();
    startHelper(job);
    const item$ = onHosts(MODULE, { servers: url, job, splits: [1], exportName: 'numbers', attempts: 1 });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'exportName' });
  });

  it('fails if another trainer uses the job', async () => {
    const job = newJob();
    startHelper(job);
    const item$ = trainer(url, { job, data: { items: 1000 } });
    await new Promise<void>((resolve, reject) => {
      const first = item$.subscribe({
        next: () => {
          if (first.closed) return;
          first.unsubscribe();
          resolve();
        },
        error: reject,
      });
    });
    const running = trainer(url, { job, data: { items: 100_000 } });
    const error = await new Promise<unknown>((resolve, reject) => {
      let hasBegun = false;
      const first = running.subscribe({
        next: () => {
          if (hasBegun) return;
          hasBegun = true;
          lastValueFrom(trainer(url, { job, data: { items: 1 } }).pipe(toArray())).then(reject, (found: unknown) => {
            first.unsubscribe();
            resolve(found);
          });
        },
        error: reject,
      });
    });
    expect(error).toMatchObject({ code: 'ERR_CONFIG', path: 'job' });
  });

  it.each([
    [
      'the function returns no array',
      { splits: (() => 5) as never },
      'expected the function to return an array, found 5',
    ],
    ['a split cannot be cloned', { splits: [1, () => 2], concurrency: 1 }, 'splits[1] and data cannot be sent'],
    ['data cannot be cloned', { splits: [1], data: { items: 1, more: () => 3 } }, 'splits[0] and data cannot be sent'],
  ])('fails if %s', async (_, options, message) => {
    const job = newJob();
    startHelper(job);
    const item$ = trainer(url, { job, data: { items: 1 }, ...options });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      path: 'splits',
      message: expect.stringContaining(message),
    });
  });

  it('fails if a split is too large for a message', async () => {
    const item$ = trainer(url, { job: newJob(), data: { items: 1 }, splits: ['x'.repeat(3_000_000)] });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({ code: 'ERR_CONFIG', path: 'splits' });
  });
});
