import { readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { startMillrace } from '../cli/millrace.js';
import { compiled } from '../support/compiled.js';
import { digests, expectedItems, newJob, runningNats, SPLITS, trainer } from './support/natsTests.js';

/** The configuration in the guide, without certificates. */
const [, guide = ''] = /```text\n(# nats\.conf\n.*?)```/s.exec(readFileSync('docs/guides/helpers.md', 'utf8')) ?? [];
const folder = mkdtempSync(join(tmpdir(), 'millrace-nats-'));
const config = join(folder, 'nats.conf');
writeFileSync(config, guide.replace(/^tls .*\n/m, ''));
Object.assign(process.env, { TRAINER_PASSWORD: 'secret-of-trainer', HELPER_PASSWORD: 'secret-of-helpers' });
afterAll(() => rmSync(folder, { recursive: true }));

const server = await runningNats('test/nats/permissions.test.ts', config);
const url = server?.url ?? '';
const asTrainer = { user: 'trainer', password: 'secret-of-trainer' };
const asHelper = { NATS_USER: 'helper', NATS_PASSWORD: 'secret-of-helpers' };

(server ? describe : describe.skip)('the permissions in the guide', () => {
  it('suffice for a trainer and a helper, in two epochs', async () => {
    const module = compiled('test/nats/support/pipelines.ts');
    const helper = startMillrace(['work', '--servers', url, '--job', 'digits', '--module', module], asHelper);
    const data = { items: 4 };
    const item$ = trainer(url, { job: 'digits', data, ...asTrainer }).pipe(toArray());
    expect(digests(await firstValueFrom(item$))).toEqual(digests(await expectedItems(data, 0)));
    expect(digests(await firstValueFrom(item$))).toEqual(digests(await expectedItems(data, 1)));
    helper.kill('SIGTERM');
    const { exitCode, stderr } = await helper.ended;
    expect(stderr).toMatch(
      new RegExp(
        `^millrace: connected to .*, waiting for splits of the job digits\\nmillrace: sent ${8 * SPLITS.length} items, .* ${2 * SPLITS.length} splits completed\\n$`,
      ),
    );
    expect(exitCode).toBe(0);
  });

  it('do not let a helper write to the queue or read items of others', async () => {
    const connection = await connect({ servers: url, user: 'helper', pass: 'secret-of-helpers' });
    const errors: string[] = [];
    const seen = new Promise<void>((resolve) => {
      void (async () => {
        for await (const status of connection.status()) {
          if (status.type !== 'error') continue;
          if (errors.push(status.error.message) === 2) resolve();
        }
      })();
    });
    connection.publish('millrace.digits.splits', 'bad');
    connection.subscribe('millrace.digits.>', { callback: () => undefined });
    await connection.flush();
    await seen;
    await connection.close();
    expect(errors).toEqual([
      expect.stringMatching(/permissions violation.*publish/i),
      expect.stringMatching(/permissions violation.*subscription/i),
    ]);
  });

  it('refuse a different job to a trainer and to a helper', async () => {
    const refused = /Permissions Violation for \w+ to "millrace\.other\..*Check the job/;
    const item$ = trainer(url, { job: 'other', data: { items: 1 }, ...asTrainer });
    const error = { code: 'ERR_CHANNEL_IO', message: expect.stringMatching(refused) };
    await expect(lastValueFrom(item$)).rejects.toMatchObject(error);
    const module = compiled('test/nats/support/pipelines.ts');
    const helper = startMillrace(['work', '--servers', url, '--job', 'other', '--module', module], asHelper);
    const { exitCode, stderr } = await helper.ended;
    expect(stderr).toMatch(refused);
    expect(exitCode).toBe(1);
  });

  it('refuse a wrong password', async () => {
    const item$ = trainer(url, { job: newJob(), data: { items: 1 }, user: 'trainer', password: 'wrong' });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO' });
  });
});
