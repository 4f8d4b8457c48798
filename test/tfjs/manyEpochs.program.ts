// Trains on tfjs-node for as many epochs as the argument says, with batches of 512 KiB. Prints as JSON the memory after
// 200 epochs and at the end.
import process from 'node:process';
import { fitDataset, toDataset } from 'millrace/tfjs';
import { ndarray } from 'millrace';
import { collectGarbage } from '../support/collectGarbage.js';
import { loadBackend } from './backends.js';
import { CountedSource } from './countedSource.js';
import { lineModel } from './lineModel.js';

/** The memory of the process, in bytes, and the number of tensors. */
export interface Held {
  readonly rss: number;
  readonly tensors: number;
}

const RECORDS = 65_536;
const epochs = Number(process.argv[2]);

const tf = await loadBackend('tensorflow');
tf.engine().startScope();
const source = new CountedSource(() => [
  {
    xs: ndarray('float32', [RECORDS, 1], new Float32Array(RECORDS)),
    ys: ndarray('float32', [RECORDS, 1], new Float32Array(RECORDS)),
  },
]);
const held: Held[] = [];
const onEpochEnd = (epoch: number): void => {
  if (epoch + 1 === 200 || epoch + 1 === epochs) {
    collectGarbage();
    held.push({ rss: process.memoryUsage.rss(), tensors: tf.memory().numTensors });
  }
};
await fitDataset(lineModel(tf), toDataset(tf, source.source$), { epochs, verbose: 0, callbacks: { onEpochEnd } });
console.log(JSON.stringify(held));
