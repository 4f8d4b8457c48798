import type { Scalar, Sequential } from '@tensorflow/tfjs';
import { evaluateDataset, toDataset } from '../../src/tfjs/index.js';
import { BACKENDS, type Tf } from './backends.js';
import { failingSource, lineSource, linearBatches } from './countedSource.js';
import { withLineModel } from './withLineModel.js';

const BATCHES = 5;

describe.each(BACKENDS)('evaluateDataset on %s', (backend) => {
  let tf: Tf;
  let model: Sequential;
  withLineModel(backend, (test) => {
    ({ tf, model } = test);
  });

  it('returns the result of the model for all records', async () => {
    const source = lineSource(BATCHES);
    const scalars = await evaluateDataset(model, toDataset(tf, source.source$));
    const all = linearBatches(BATCHES).flatMap(({ ys }) => [...ys.data]);
    const [loss] = (scalars as Scalar[]).map((scalar) => scalar.dataSync()[0]);
    // The model's weights are still zeros.
    expect(loss).toBeCloseTo(all.reduce((sum, y) => sum + y * y, 0) / all.length, 4);
    expect([source.opened, source.closed, source.items]).toEqual([1, 1, BATCHES]);
    tf.dispose(scalars);
  });

  it('closes the source if `batches` ends the evaluation early', async () => {
    const source = lineSource(BATCHES);
    tf.dispose(await evaluateDataset(model, toDataset(tf, source.source$), { batches: 2 }));
    expect([source.opened, source.closed, source.items]).toEqual([1, 1, 2]);
  });

  it('rejects with the error object of the source, and closes it', async () => {
    const boom = new Error('boom');
    const source = failingSource(boom, 0);
    await expect(evaluateDataset(model, toDataset(tf, source.source$))).rejects.toBe(boom);
    expect([source.opened, source.closed]).toEqual([1, 1]);
  });
});
