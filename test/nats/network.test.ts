import process, { stderr } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { seededRandom } from '../../src/base/seededRandom.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { digests, expectedItems, trainer } from './support/natsTests.js';
import { hasNamespaces, Network } from './support/network.js';
import type { Item } from './support/pipelines.js';

/** Only `npm run test:thorough` runs this file. */
const KILLS = Number(process.env['MILLRACE_KILLS'] ?? 0);
const SEED = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1e6);
const HELPERS = 4;
const FAULT_MS = 3000;

jest.setTimeout(60_000 + KILLS * 6000);

const network = KILLS > 0 && hasNamespaces() ? new Network(HELPERS) : undefined;
if (KILLS > 0 && !network)
  stderr.write('test/nats/network.test.ts did not run: it needs root and network namespaces\n');
const newFolder = temporaryFolders();
afterAll(async () => network?.close());

/** Trains with the items in their order, and returns the weights. */
async function weightsAfter(items: readonly Item[]): Promise<number[][]> {
  const kernelInitializer = tf.initializers.glorotNormal({ seed: 1 });
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [100], units: 1, kernelInitializer })] });
  model.compile({ optimizer: tf.train.sgd(1e-9), loss: 'meanSquaredError' });
  for (const { values } of items) await model.trainOnBatch(tf.tensor2d(values, [20, 100]), tf.ones([20, 1]));
  return model.getWeights().map((weights) => [...weights.dataSync()]);
}

/** Ends and starts, freezes, cuts off and slows machines at random times. Resolves after so many kills. */
async function disturb(net: Network, job: string, kills: number): Promise<Record<string, number>> {
  const random = seededRandom(SEED, 0);
  const counts = { kills: 0, restarts: 0, freezes: 0, cuts: 0, serverCuts: 0, slowdowns: 0 };
  const faults = [
    async (): Promise<void> => {
      counts.restarts++;
      await net.killServer();
      await net.startServer(newFolder());
    },
    async (helper: number): Promise<void> => {
      counts.freezes++;
      net.signalHelper(helper, 'SIGSTOP');
      await delay(random(FAULT_MS));
      net.signalHelper(helper, 'SIGCONT');
    },
    async (helper: number): Promise<void> => {
      counts.cuts++;
      net.setCable(helper, 'down');
      await delay(random(FAULT_MS));
      net.setCable(helper, 'up');
    },
    async (): Promise<void> => {
      counts.serverCuts++;
      net.setCable('server', 'down');
      await delay(random(FAULT_MS));
      net.setCable('server', 'up');
    },
    async (helper: number): Promise<void> => {
      counts.slowdowns++;
      net.setSpeed(helper, 1);
      await delay(random(FAULT_MS));
      net.setSpeed(helper, undefined);
    },
  ];
  while (counts.kills < kills) {
    // These are the times of the faults, and not waiting for an event.
    await delay(random(1000));
    const helper = random(net.helperCount);
    if (random(5) === 0) await faults[random(faults.length)]?.(helper);
    await net.killHelper(helper);
    net.startHelper(helper, job);
    counts.kills++;
  }
  return counts;
}

(network ? describe : describe.skip)('onHosts and helpers on four machines', () => {
  it(`emits the items of one machine during ${KILLS} kills and other faults, seed ${SEED}`, async () => {
    const net = network as Network;
    const job = 'network';
    const data = { items: 20, size: 2000 };
    const splits = Array.from({ length: 12 }, (_, i) => `split ${i}`);
    await net.startServer(newFolder());
    for (let helper = 0; helper < HELPERS; helper++) net.startHelper(helper, job);
    const item$ = trainer(net.url, { job, data, splits, ackWaitMs: 1000, attempts: 10_000 });
    let counts: Record<string, number> | undefined;
    const disturbing = disturb(net, job, KILLS).then((found) => (counts = found));
    let epochs = 0;
    for (; !counts || epochs === 0; epochs++) {
      const found: Item[] = [];
      for await (const item of toAsyncIterable(item$)) found.push(item);
      const expected = await expectedItems(data, epochs, splits);
      expect(digests(found)).toEqual(digests(expected));
      expect(await weightsAfter(found)).toEqual(await weightsAfter(expected));
    }
    await disturbing;
    stderr.write(`${epochs} epochs, ${JSON.stringify(counts)}\n`);
    const connection = await connect({ servers: net.url });
    const names = await (await jetstreamManager(connection)).streams.names().next();
    await connection.close();
    expect(names).toEqual([]);
  });
});
