import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, it, jest } from '@jest/globals';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { seededRandom } from '../../src/base/seededRandom.js';
import { startNatsServer } from '../../src/agent/commands/startNatsServer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { digests, expectedItems, helpers, newJob, runningNats, trainer, type Helper } from './support/natsTests.js';
import type { Item } from './support/pipelines.js';

/** `npm run test:thorough` kills 200 helpers. */
const KILLS = Number(process.env['MILLRACE_KILLS'] ?? 8);
const SEED = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1e6);

jest.setTimeout(60_000 + KILLS * 5000);

const server = await runningNats('test/nats/faults.test.ts');
const url = server?.url ?? '';
const newFolder = temporaryFolders();

(server ? describe : describe.skip)('onHosts and faults', () => {
  const startHelper = helpers(url);

  it('continues if a helper drains, and the helper reports its work', async () => {
    const job = newJob();
    const data = { items: 30 };
    const first = startHelper(job, '--grace-seconds', '0');
    const found: Item[] = [];
    let report: unknown;
    for await (const item of toAsyncIterable(trainer(url, { job, data }))) {
      found.push(item);
      if (found.length !== 40) continue;
      report = await first.drain();
      startHelper(job);
    }
    expect(digests(found)).toEqual(digests(await expectedItems(data)));
    expect(report).toMatchObject({ failed: 0 });
    expect((report as { readonly items: number }).items).toBeGreaterThanOrEqual(39);
  });

  it('continues if a helper is frozen, and when it continues', async () => {
    const job = newJob();
    const data = { items: 30 };
    const first = startHelper(job);
    const found: Item[] = [];
    for await (const item of toAsyncIterable(trainer(url, { job, data, ackWaitMs: 1000 }))) {
      found.push(item);
      if (found.length === 10) {
        first.kill('SIGSTOP');
        startHelper(job);
      }
      if (found.length === 70) first.kill('SIGCONT');
    }
    expect(digests(found)).toEqual(digests(await expectedItems(data)));
  });

  it('counts no failure while the trainer is busy and answers no helper', async () => {
    const job = newJob();
    const data = { items: 30 };
    startHelper(job);
    const found: Item[] = [];
    for await (const item of toAsyncIterable(trainer(url, { job, data, ackWaitMs: 1000, attempts: 1 }))) {
      if (found.push(item) !== 1) continue;
      startHelper(job, '--threads', '3');
      // Longer than helpers wait for an answer.
      for (const end = performance.now() + 4000; performance.now() < end;);
    }
    expect(digests(found)).toEqual(digests(await expectedItems(data)));
  });

  it('continues if the server is killed and has lost the queue', async () => {
    const job = newJob();
    const data = { items: 30 };
    let restarted = await startNatsServer({ storeDir: newFolder() });
    const { port } = restarted;
    const start = (): Helper => startHelper(job, '--servers', `nats://127.0.0.1:${port}`);
    start();
    const found: Item[] = [];
    try {
      for await (const item of toAsyncIterable(trainer(restarted.url, { job, data }))) {
        found.push(item);
        if (found.length !== 20 && found.length !== 90) continue;
        await restarted.stop('SIGKILL');
        restarted = await startNatsServer({ storeDir: newFolder(), port });
        start();
      }
      expect(digests(found)).toEqual(digests(await expectedItems(data)));
    } finally {
      await restarted.stop();
    }
  });

  it(`emits each item once while ${KILLS} helpers are killed at random, seed ${SEED}`, async () => {
    const job = newJob();
    const data = { items: 20, size: 2000 };
    const random = seededRandom(SEED, 0);
    const splits = Array.from({ length: 8 }, (_, i) => `split ${i}`);
    const item$ = trainer(url, { job, data, splits, ackWaitMs: 500 });
    const alive = [startHelper(job), startHelper(job)];
    let kills = 0;
    const killSome = async (): Promise<void> => {
      while (kills < KILLS) {
        // Does not wait for an event: this is the time of the kill.
        await delay(random(1000));
        const place = random(2);
        alive[place]?.kill('SIGKILL');
        alive[place] = startHelper(job);
        kills++;
      }
    };
    const killing = killSome();
    for (let epoch = 0; epoch === 0 || kills < KILLS; epoch++) {
      const found: Item[] = [];
      for await (const item of toAsyncIterable(item$)) found.push(item);
      expect(digests(found)).toEqual(digests(await expectedItems(data, epoch, splits)));
    }
    await killing;
  });

  it('leaves nothing on the server', async () => {
    const connection = await connect({ servers: url });
    const manager = await jetstreamManager(connection);
    const names = await manager.streams.names().next();
    await connection.close();
    expect(names).toEqual([]);
  });
});
