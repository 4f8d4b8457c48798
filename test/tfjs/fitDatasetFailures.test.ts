import type { Sequential } from '@tensorflow/tfjs';
import { ndarray } from '../../src/arrays/ndarray.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fitDataset, toDataset } from '../../src/tfjs/index.js';
import { BACKENDS, type Tf } from './backends.js';
import { CountedSource, failingSource, lineSource, linearBatch } from './countedSource.js';
import { withLineModel, type LineModelTest } from './withLineModel.js';

const BATCHES = 5;
const METRICS = ['loss', 'mae'];

describe.each(BACKENDS)('fitDataset that fails on %s', (backend) => {
  let tf: Tf;
  let model: Sequential;
  let test: LineModelTest;
  withLineModel(backend, (each) => {
    test = each;
    ({ tf, model } = test);
  });

  it('rejects with the error object of the source, and closes both datasets', async () => {
    const boom = new Error('boom');
    const [training, validation] = [failingSource(boom, 0), lineSource(BATCHES)];
    const validationData = toDataset(tf, validation.source$);
    const training$ = toDataset(tf, training.source$);
    await expect(fitDataset(model, training$, { epochs: 3, validationData, verbose: 0 })).rejects.toBe(boom);
    expect([training.opened, training.closed, validation.opened]).toEqual([1, 1, 0]);
  });

  it('leaves no more tensors than tfjs alone when the source fails during an epoch', async () => {
    const boom = new Error('boom');
    const bySelf = tf.data.generator(async function* () {
      for await (const { xs, ys } of toAsyncIterable(failingSource(boom, 3).source$)) {
        yield { xs: tf.tensor(xs.data, [4, 1]), ys: tf.tensor(ys.data, [4, 1]) };
      }
    } as never);
    await expect(model.fitDataset(bySelf, { epochs: 1, verbose: 0 })).rejects.toBe(boom);
    test.tensorsLeft = tf.memory().numTensors - test.tensorsBefore;
    // The running totals of tfjs.
    expect(test.tensorsLeft).toBe(METRICS.length);

    const source = failingSource(boom, 3);
    await expect(fitDataset(model, toDataset(tf, source.source$), { epochs: 1, verbose: 0 })).rejects.toBe(boom);
    test.tensorsLeft += METRICS.length;
    expect([source.opened, source.closed, source.items]).toEqual([1, 1, 3]);
  });

  it('rejects with the error object of validationData, and closes both datasets', async () => {
    const boom = new Error('boom');
    const [training, validation] = [lineSource(BATCHES), failingSource(boom, 0)];
    const validationData = toDataset(tf, validation.source$);
    const callbacks = { onBatchEnd: () => undefined };
    const fitted = fitDataset(model, toDataset(tf, training.source$), {
      epochs: 3,
      validationData,
      callbacks,
      verbose: 0,
    });
    await expect(fitted).rejects.toBe(boom);
    expect([training.opened, training.closed, validation.opened, validation.closed]).toEqual([1, 1, 1, 1]);
    test.tensorsLeft = METRICS.length;
  });

  it('disposes of the current batch and closes the source when a callback throws', async () => {
    const boom = new Error('boom');
    const source = lineSource(BATCHES);
    const callbacks = {
      onBatchBegin: () => {
        throw boom;
      },
    };
    const dataset = toDataset(tf, source.source$);
    await expect(fitDataset(model, dataset, { epochs: 1, callbacks, verbose: 0 })).rejects.toBe(boom);
    expect([source.opened, source.closed, source.items]).toEqual([1, 1, 1]);
  });

  it('disposes of the current batch and closes the source when the model cannot use the batch', async () => {
    const source = new CountedSource(() => [
      { xs: ndarray('float32', [2, 3], new Float32Array(6)), ys: linearBatch(2).ys },
    ]);
    const dataset = toDataset(tf, source.source$);
    await expect(fitDataset(model, dataset, { epochs: 1, verbose: 0 })).rejects.toThrow();
    expect([source.opened, source.closed]).toEqual([1, 1]);
  });

  it('closes the source when the arguments are wrong', async () => {
    const source = lineSource(BATCHES);
    const dataset = toDataset(tf, source.source$);
    tf.dispose({ ...(await (await dataset.iterator()).next()).value });
    await expect(fitDataset(model, dataset, { epochs: -1 })).rejects.toThrow(/positive/);
    expect([source.opened, source.closed]).toEqual([1, 1]);
  });
});
