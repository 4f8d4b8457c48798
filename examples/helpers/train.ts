import * as tf from '@tensorflow/tfjs';
import type { NDArray } from 'millrace';
import { onHosts } from 'millrace/nats';
import { fitDataset, toDataset } from 'millrace/tfjs';
import type { Data } from './pipeline.js';

interface Batch {
  readonly xs: NDArray<'float32'>;
  readonly ys: NDArray<'float32'>;
}

const SPLITS = 8;
const data: Data = { file: process.env['DIGITS'] ?? 'examples/digits/data/train', seed: 7, count: SPLITS };

// The server and the job come from NATS_URL and MILLRACE_JOB.
const batches$ = onHosts<Batch>(new URL('./pipeline.js', import.meta.url), {
  splits: Array.from({ length: SPLITS }, (_, index) => index),
  data,
});

const model = tf.sequential({
  layers: [
    tf.layers.dense({ inputShape: [64], units: 128, activation: 'relu' }),
    tf.layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.005), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
const { history } = await fitDataset(model, toDataset(tf, batches$), { epochs: 5, verbose: 0 });
console.log(`accuracy after ${history['acc']?.length} epochs: ${Number(history['acc']?.at(-1)).toFixed(3)}`);
