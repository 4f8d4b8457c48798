import { performance } from 'node:perf_hooks';
import { fromIterable, inWorker, toAsyncIterable, type ItemsOf } from 'millrace';
import { fitDataset, toDataset } from 'millrace/tfjs';
import type { Observable } from 'rxjs';
import { loadTensorFlow } from './loadTensorFlow.js';
import { trainInRounds } from './trainInRounds.js';
import type { digits } from './overlapPipeline.js';

/** Trains the demo's model alternately from memory and from FIFOs through a worker. */

const ROUNDS = Number(process.argv[2]);
const EPOCHS = 20;

const tf = await loadTensorFlow('wasm');
const fromWorker$ = inWorker<typeof digits>(new URL('./overlapPipeline.js', import.meta.url), {
  exportName: 'digits',
  // The batches of an epoch and a half: 0.6 MB.
  items: 32,
  // One epoch is kept in memory, and one more training is the warm-up.
  epochs: 1 + EPOCHS * (1 + ROUNDS),
});
const batches: ItemsOf<typeof digits>[] = [];
for await (const batch of toAsyncIterable(fromWorker$)) batches.push(batch);
const fromMemory$ = fromIterable(batches);

async function train(source$: Observable<ItemsOf<typeof digits>>): Promise<number> {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [64], units: 128, activation: 'relu' }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.005), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const dataset = toDataset(tf, source$);
  const startedAt = performance.now();
  await fitDataset(model, dataset, { epochs: EPOCHS, verbose: 0 });
  const stepsPerSecond = dataset.stats.batches / ((performance.now() - startedAt) / 1000);
  model.dispose();
  return stepsPerSecond;
}

await trainInRounds(ROUNDS, train, { fromMemory$, fromWorker$ });
await fromWorker$.close();
