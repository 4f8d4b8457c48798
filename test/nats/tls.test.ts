import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { selfSigned } from '../support/selfSigned.js';
import { newAccount } from './support/credentials.js';
import { digests, expectedItems, helpers, newJob, runningNats, trainer } from './support/natsTests.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-nats-'));
afterAll(() => rmSync(folder, { recursive: true }));
selfSigned(folder);
const [ca, key] = [join(folder, 'cert'), join(folder, 'key')];
const account = newAccount();
const config = join(folder, 'nats.conf');
writeFileSync(config, `tls { cert_file: "${ca}", key_file: "${key}" }\n${account.config}\n`);

function credentialsOf(name: string, { newUser } = account): string {
  const file = join(folder, `${name}.creds`);
  writeFileSync(file, newUser(name));
  return file;
}

const server = await runningNats('test/nats/tls.test.ts', config);
const url = server?.url ?? '';
const data = { items: 3 };

(server ? describe : describe.skip)('onHosts with TLS and credentials', () => {
  const startHelper = helpers(url);

  it('emits the items of helpers with credentials', async () => {
    const job = newJob();
    const helper = startHelper(job, '--creds', credentialsOf('helper'), '--tls-ca', ca);
    const options = { job, data, credentials: credentialsOf('trainer'), tls: { ca } };
    const found = await firstValueFrom(trainer(url, options).pipe(toArray()));
    expect(digests(found)).toEqual(digests(await expectedItems(data)));
    expect(await helper.drain()).toMatchObject({ items: found.length });
  });

  it('refuses a server whose certificate is of an unknown authority', async () => {
    const item$ = trainer(url, { job: newJob(), data, credentials: credentialsOf('trainer'), tls: {} });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      message: expect.stringMatching(/self-signed certificate/),
    });
  });

  it('fails with credentials of another account', async () => {
    const credentials = credentialsOf('other', newAccount());
    const item$ = trainer(url, { job: newJob(), data, credentials, tls: { ca } });
    await expect(lastValueFrom(item$)).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      message: expect.stringMatching(/authorization/i),
    });
  });
});
