import { jest } from '@jest/globals';
import type { Sequential, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { finalize, repeat } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fitDataset, toDataset, type TensorDataset } from '../../src/tfjs/index.js';
import { BACKENDS, type Tf } from './backends.js';
import { CountedSource, lineSource, linearBatch, linearBatches } from './countedSource.js';
import { withLineModel } from './withLineModel.js';

const BATCHES = 5;
const RECORDS = 4 * 4 + 3;

describe.each(BACKENDS)('fitDataset on %s', (backend) => {
  let tf: Tf;
  let model: Sequential;
  withLineModel(backend, (test) => {
    ({ tf, model } = test);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('learns the line of the points', async () => {
    const dataset = toDataset(tf, lineSource(BATCHES).source$);
    const { epoch, history } = await fitDataset(model, dataset, { epochs: 60, verbose: 0 });
    expect(epoch).toHaveLength(60);
    expect(history['loss']?.at(-1)).toBeLessThan(1e-3);
    const [slope, intercept] = model.getWeights().map((weight) => weight.dataSync()[0] ?? NaN);
    expect(slope).toBeCloseTo(2, 1);
    expect(intercept).toBeCloseTo(1, 1);
  });

  it('learns the same from plain numbers in batches', async () => {
    const points = Array.from({ length: 16 }, (_, i) => ({ xs: [i / 16], ys: [(2 * i) / 16 + 1] }));
    const dataset = toDataset(tf, fromIterable(points).pipe(batch(4)));
    await fitDataset(model, dataset, { epochs: 60, verbose: 0 });
    expect(dataset.stats).toMatchObject({ passes: 60, batches: 240, records: 960 });
    const [slope, intercept] = model.getWeights().map((weight) => weight.dataSync()[0] ?? NaN);
    expect(slope).toBeCloseTo(2, 1);
    expect(intercept).toBeCloseTo(1, 1);
  });

  it('refuses plain labels of another shape than the output', async () => {
    const dataset = toDataset(tf, fromIterable([{ xs: [[1], [2]], ys: [3, 4] }]));
    await expect(fitDataset(model, dataset, { epochs: 1 })).rejects.toThrow('fitDataset: ys: ');
  });

  it('opens the source once in each epoch, although tfjs makes one more iterator', async () => {
    const source = lineSource(BATCHES);
    const dataset = toDataset(tf, source.source$, { size: BATCHES });
    const iterator = jest.spyOn(dataset, 'iterator');
    await fitDataset(model, dataset, { epochs: 3, verbose: 0 });
    expect(iterator).toHaveBeenCalledTimes(4);
    expect([source.opened, source.closed, source.items]).toEqual([3, 3, 3 * BATCHES]);
    expect(dataset.stats).toMatchObject({ passes: 3, batches: 3 * BATCHES, records: 3 * RECORDS });
  });

  it('opens the source once for all epochs with batchesPerEpoch and repeat', async () => {
    const source = lineSource(BATCHES);
    let isClosed = false;
    const dataset = toDataset(
      tf,
      source.source$.pipe(
        repeat(),
        finalize(() => (isClosed = true)),
      ),
    );
    await fitDataset(model, dataset, { epochs: 2, batchesPerEpoch: 7, verbose: 0 });
    expect(dataset.stats).toMatchObject({ passes: 1, batches: 14 });
    expect([source.opened, source.closed, source.items]).toEqual([3, 3, 14]);
    expect(isClosed).toBe(true);
  });

  it('reads validationData once in each epoch, and closes it', async () => {
    const [training, validation] = [lineSource(BATCHES), lineSource(2)];
    const validationData = toDataset(tf, validation.source$);
    const { history } = await fitDataset(model, toDataset(tf, training.source$), {
      epochs: 3,
      validationData,
      verbose: 0,
    });
    expect(Object.keys(history).sort()).toEqual(['loss', 'mae', 'val_loss', 'val_mae']);
    expect([training.opened, validation.opened, validation.closed, validation.items]).toEqual([3, 3, 3, 6]);
  });

  it('closes a pass that validationBatches ends early, at the next pass and at the end', async () => {
    const validation = lineSource(4);
    const openAtEpochEnd: number[] = [];
    await fitDataset(model, toDataset(tf, lineSource(BATCHES).source$), {
      epochs: 3,
      validationData: toDataset(tf, validation.source$),
      validationBatches: 2,
      verbose: 0,
      callbacks: { onEpochEnd: () => void openAtEpochEnd.push(validation.opened - validation.closed) },
    });
    expect(openAtEpochEnd).toEqual([1, 1, 1]);
    expect([validation.opened, validation.closed, validation.items]).toEqual([3, 3, 6]);
  });

  it('does not close validationData of another kind', async () => {
    const close = jest.fn();
    const { xs, ys } = linearBatch(4);
    const tensors = [tf.tensor(xs.data, [4, 1]), tf.tensor(ys.data, [4, 1])] as const;
    const validationData = Object.assign([...tensors] as [Tensor, Tensor], { close });
    await fitDataset(model, toDataset(tf, lineSource(BATCHES).source$), { epochs: 1, validationData, verbose: 0 });
    expect(close).not.toHaveBeenCalled();
    tf.dispose([...tensors]);
  });

  it('closes the source when a callback stops the training during an epoch', async () => {
    const source = lineSource(BATCHES);
    const { epoch } = await fitDataset(model, toDataset(tf, source.source$), {
      epochs: 5,
      verbose: 0,
      callbacks: {
        onBatchEnd: (batch) => {
          if (source.opened === 2 && batch === 1) model.stopTraining = true;
        },
      },
    });
    expect(epoch).toEqual([0, 1]);
    expect([source.opened, source.closed, source.items]).toEqual([2, 2, BATCHES + 2]);
  });

  it('can train again with a dataset that it has closed', async () => {
    const source = lineSource(BATCHES);
    const dataset = toDataset(tf, source.source$);
    for (const trained of [1, 2]) {
      await fitDataset(model, dataset, { epochs: 1, verbose: 0 });
      expect([source.opened, source.closed, source.items]).toEqual([trained, trained, trained * BATCHES]);
    }
  });

  it('trains a model with several named inputs and outputs', async () => {
    const [a, b] = [tf.input({ shape: [1], name: 'a' }), tf.input({ shape: [1], name: 'b' })];
    const sum = tf.layers.concatenate().apply([a, b]);
    const output = (name: string): SymbolicTensor =>
      tf.layers.dense({ units: 1, name, kernelInitializer: 'zeros' }).apply(sum) as never;
    const wide = tf.model({ inputs: [a, b], outputs: [output('up'), output('down')] });
    wide.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const source = new CountedSource(() =>
      linearBatches(BATCHES).map(({ xs, ys }) => ({ xs: { b: xs, a: xs }, ys: { up: ys, down: ys } })),
    );
    const { history } = await fitDataset(wide, toDataset(tf, source.source$), { epochs: 2, verbose: 0 });
    expect(Object.keys(history)).toEqual(expect.arrayContaining(['loss', 'up_loss', 'down_loss']));
    wide.dispose();
  });
  it('is needed to close the source, because model.fitDataset does not close it', async () => {
    const source = lineSource(BATCHES);
    const dataset: TensorDataset<unknown> = toDataset(tf, source.source$);
    await model.fitDataset(dataset, { epochs: 2, batchesPerEpoch: 2, verbose: 0 });
    expect([source.opened, source.closed]).toEqual([1, 0]);
    await dataset.close();
    expect(source.closed).toBe(1);
  });
});
