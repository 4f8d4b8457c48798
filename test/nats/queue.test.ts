import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import { streamOf } from '../../src/nats/protocol.js';
import { digests, expectedItems, helpers, newJob, runningNats, SPLITS, trainer } from './support/natsTests.js';

const server = await runningNats('test/nats/queue.test.ts');
const url = server?.url ?? '';

(server ? describe : describe.skip)('the work queue', () => {
  const startHelper = helpers(url);
  let connection: NatsConnection;
  beforeAll(async () => {
    connection = await connect({ servers: url });
  });
  afterAll(async () => connection.close());

  /** Resolves when the queue has all splits. */
  async function filled(job: string): Promise<void> {
    const { streams } = await jetstreamManager(connection);
    for (;;) {
      const info = await streams.info(streamOf(job)).catch(() => undefined);
      if (info?.state.messages === SPLITS.length) return;
    }
  }

  it('ignores late acknowledgements for the queue of an earlier epoch', async () => {
    const job = newJob();
    const data = { items: 2 };
    const acknowledgements: string[] = [];
    connection.subscribe(`$JS.ACK.${streamOf(job)}.>`, {
      callback: (_, message) => {
        if (message.string() === '+ACK') acknowledgements.push(message.subject);
      },
    });
    // With this time, a lost split is not written again before the end of the test.
    const item$ = trainer(url, { job, data, ackWaitMs: 100_000 }).pipe(toArray());
    const first = startHelper(job);
    await firstValueFrom(item$);
    await first.drain();
    expect(acknowledgements).toHaveLength(SPLITS.length);
    const second = firstValueFrom(item$);
    await filled(job);
    for (const subject of acknowledgements) connection.publish(subject, '+ACK');
    await connection.flush();
    startHelper(job);
    expect(digests(await second)).toEqual(digests(await expectedItems(data, 1)));
  });

  it('gets a split again if the server has lost it', async () => {
    const job = newJob();
    const data = { items: 2 };
    const items = firstValueFrom(trainer(url, { job, data, ackWaitMs: 500 }).pipe(toArray()));
    await filled(job);
    const { streams } = await jetstreamManager(connection);
    await streams.purge(streamOf(job));
    startHelper(job);
    expect(digests(await items)).toEqual(digests(await expectedItems(data)));
  });
});
