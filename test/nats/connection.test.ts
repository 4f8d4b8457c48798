import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { kill } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { startNatsServer } from '../../src/agent/commands/startNatsServer.js';
import { startMillrace } from '../cli/millrace.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { MODULE, newJob, runningNats, trainer } from './support/natsTests.js';

const server = await runningNats('test/nats/connection.test.ts');
const newFolder = temporaryFolders();

/** Listens before a server, and closes the first connections when the client authenticates. */
async function impatientServer(port: number, closed: number) {
  let connections = 0;
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
    if (connections++ >= closed) client.pipe(upstream);
    else client.once('data', () => client.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    connections: () => connections,
    close: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

(server ? describe : describe.skip)('the connection to the server', () => {
  it('is tried again if the server closes it before the client has authenticated', async () => {
    const proxy = await impatientServer(server?.port ?? 0, 1);
    const item$ = trainer(proxy.url, { job: newJob(), data: { items: 1 }, splits: [] });
    expect(await lastValueFrom(item$.pipe(toArray()))).toEqual([]);
    expect(proxy.connections()).toBe(2);
    proxy.close();
  });

  it.each(['SIGKILL', 'SIGSTOP'])('does not keep a helper from ending after %s of the server', async (signal) => {
    const first = await startNatsServer({ storeDir: newFolder() });
    const words = ['work', '--servers', first.url, '--job', newJob(), '--module', fileURLToPath(MODULE)];
    const helper = startMillrace(words);
    try {
      await helper.complained(/connected to/);
      kill(first.pid, signal);
      helper.kill('SIGTERM');
      expect(await helper.ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('sent 0 items') });
    } finally {
      helper.kill('SIGKILL');
      await first.stop('SIGKILL');
    }
  });

  it('ends with an error if the server has restarted and refuses the credentials', async () => {
    const folder = newFolder();
    const config = join(folder, 'nats.conf');
    const allow = (password: string): void =>
      writeFileSync(config, `authorization { user: "digits", password: "${password}" }\n`);
    allow('old');
    const first = await startNatsServer({ storeDir: folder, config });
    const job = newJob();
    const item$ = trainer(first.url, { job, data: { items: 1000 }, user: 'digits', password: 'old' });
    const words = ['work', '--servers', first.url, '--job', job, '--module', fileURLToPath(MODULE), '--json'];
    const helper = startMillrace(words, { NATS_USER: 'digits', NATS_PASSWORD: 'old' });
    let second: Awaited<ReturnType<typeof startNatsServer>> | undefined;
    try {
      const error = await new Promise<unknown>((resolve, reject) => {
        item$.subscribe({
          next: () => {
            if (second) return;
            second = first;
            allow('new');
            first
              .stop('SIGKILL')
              .then(async () => (second = await startNatsServer({ storeDir: folder, config, port: first.port })))
              .catch(reject);
          },
          error: resolve,
          complete: () => reject(new Error('completed')),
        });
      });
      const expected = { code: 'ERR_CHANNEL_IO', message: expect.stringMatching(/has ended: .*Authorization/) };
      expect(error).toMatchObject(expected);
      const { exitCode, stderr } = await helper.ended;
      expect(exitCode).toBe(1);
      expect(JSON.parse(stderr)).toMatchObject(expected);
    } finally {
      helper.kill('SIGKILL');
      await second?.stop();
    }
  });
});
