import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fromIterable, inWorker, toAsyncIterable, type ItemsOf } from 'millrace';
import { fitDataset, toDataset } from 'millrace/tfjs';
import type { Observable } from 'rxjs';
import { CLASSES, SIDE, type manifestImages } from './imagesPipeline.js';
import { loadTensorFlow } from './loadTensorFlow.js';
import { trainInRounds } from './trainInRounds.js';

/** Trains a convolutional model alternately from memory and from an augmented manifest, which a worker reads. */

const ROUNDS = Number(process.argv[2]);
const EPOCHS = 2;

/** The WebAssembly backend cannot train convolutions. */
const tf = await loadTensorFlow('cpu');
const fromWorker$ = inWorker<typeof manifestImages>(new URL('./imagesPipeline.js', import.meta.url), {
  exportName: 'manifestImages',
  items: 8,
  // One epoch is kept in memory, and one more training is the warm-up.
  epochs: 1 + EPOCHS * (1 + ROUNDS),
});
const batches: ItemsOf<typeof manifestImages>[] = [];
for await (const batch of toAsyncIterable(fromWorker$)) batches.push(batch);
const fromMemory$ = fromIterable(batches);

async function train(source$: Observable<ItemsOf<typeof manifestImages>>): Promise<number> {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [SIDE, SIDE, 3], filters: 8, kernelSize: 3, strides: 2, activation: 'relu' }),
      tf.layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.005), loss: 'categoricalCrossentropy' });
  const dataset = toDataset(tf, source$);
  const startedAt = performance.now();
  await fitDataset(model, dataset, { epochs: EPOCHS, verbose: 0 });
  const stepsPerSecond = dataset.stats.batches / ((performance.now() - startedAt) / 1000);
  model.dispose();
  return stepsPerSecond;
}

await trainInRounds(ROUNDS, train, { fromMemory$, fromWorker$ });
await fromWorker$.close();
