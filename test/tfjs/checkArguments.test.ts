import type { Sequential } from '@tensorflow/tfjs';
import { of, repeat } from 'rxjs';
import { ConfigError } from '../../src/base/errors.js';
import { evaluateDataset, fitDataset, toDataset, type TensorDataset } from '../../src/tfjs/index.js';
import { BACKENDS, type Tf } from './backends.js';
import { lineSource, linearBatch } from './countedSource.js';
import { withLineModel } from './withLineModel.js';

describe.each(BACKENDS)('the arguments of fitDataset and evaluateDataset on %s', (backend) => {
  let tf: Tf;
  let model: Sequential;
  withLineModel(backend, (test) => {
    ({ tf, model } = test);
  });

  it.each([
    ['batchSize', 'add batch(n) to the source'],
    ['shuffle', 'add shuffle(n) to the source'],
    ['stepsPerEpoch', 'the name of this argument in tfjs is "batchesPerEpoch"'],
    ['validationSteps', 'the name of this argument in tfjs is "validationBatches"'],
    ['steps', 'the name of this argument in tfjs is "batches"'],
    ['sampleWeight', 'use classWeight'],
    ['sampleWeights', 'use classWeight'],
    ['validationSplit', 'add split(parts, { part }) to the sources'],
    ['validation_data', 'did you mean "validationData"'],
    ['callback', 'did you mean "callbacks"'],
  ])('are rejected if one is %s, which tfjs ignores', async (name, remedy) => {
    const source = lineSource(2);
    const dataset = toDataset(tf, source.source$);
    const args = { epochs: 1, [name]: 1 };
    const fitted = fitDataset(model, dataset, args);
    await expect(fitted).rejects.toThrow(ConfigError);
    await expect(fitted).rejects.toMatchObject({ path: name, message: expect.stringContaining(remedy) });
    await expect(evaluateDataset(model, dataset, args as object)).rejects.toMatchObject({ path: name });
    expect(source.opened).toBe(0);
  });

  it('are rejected if the training dataset spans several epochs in one pass and is also the validation dataset', async () => {
    const source = lineSource(2);
    const dataset = toDataset(tf, source.source$.pipe(repeat()));
    const args = { epochs: 3, batchesPerEpoch: 2, validationData: dataset, validationBatches: 1 };
    const fitted = fitDataset(model, dataset, args);
    await expect(fitted).rejects.toThrow(ConfigError);
    await expect(fitted).rejects.toThrow(
      'fitDataset: validationData: expected a different dataset, found the training dataset',
    );
    expect(source.opened).toBe(0);
  });

  it('may be the same dataset for both if each epoch is one pass', async () => {
    const dataset = toDataset(tf, lineSource(2).source$);
    await fitDataset(model, dataset, { epochs: 3, validationData: dataset, verbose: 0 });
    expect(dataset.stats).toMatchObject({ passes: 6, batches: 12 });
  });

  it.each([[[]], [[1, 2]], [lineSource(2).source$], ['x'], [5]])(
    'are rejected if the validation data are not a dataset: %j',
    async (validationData) => {
      const source = lineSource(2);
      const args = { epochs: 1, validationData: validationData as never };
      const fitted = fitDataset(model, toDataset(tf, source.source$), args);
      await expect(fitted).rejects.toThrow(ConfigError);
      await expect(fitted).rejects.toThrow('fitDataset: validationData: expected the result of toDataset(tf, source$)');
      expect(source.opened).toBe(0);
    },
  );

  it('are rejected if initialEpoch is greater than epochs', async () => {
    const dataset = toDataset(tf, lineSource(2).source$);
    const fitted = fitDataset(model, dataset, { epochs: 5, initialEpoch: 10 });
    await expect(fitted).rejects.toThrow(ConfigError);
    await expect(fitted).rejects.toThrow(
      'fitDataset: initialEpoch: expected at most the value of "epochs" (5), found 10. The value of "epochs" includes ' +
        'the epochs before initialEpoch: to train 5 more epochs, set "epochs" to 15.',
    );
  });

  it('train no epoch if initialEpoch equals epochs, as in a job that is restarted after its last epoch', async () => {
    const dataset = toDataset(tf, lineSource(2).source$);
    const history = await fitDataset(model, dataset, { epochs: 5, initialEpoch: 5 });
    expect(history.epoch).toEqual([]);
    expect(dataset.stats.passes).toBe(0);
  });

  it('are rejected if the class weights are a Map', async () => {
    const fitted = fitDataset(model, toDataset(tf, of(linearBatch(2))), {
      epochs: 1,
      classWeight: new Map([[0, 1]]) as never,
    });
    await expect(fitted).rejects.toThrow('Convert it with Object.fromEntries(classWeight)');
  });

  it('are rejected if they are missing, or if the dataset is not a dataset', async () => {
    const dataset = toDataset(tf, lineSource(2).source$);
    await expect(fitDataset(model, dataset, undefined as never)).rejects.toThrow(
      'fitDataset: args: expected an object',
    );
    for (const bad of [undefined, null, of(linearBatch(2)), [linearBatch(2)]]) {
      const source = bad as unknown as TensorDataset<object>;
      await expect(fitDataset(model, source, { epochs: 1 })).rejects.toThrow(
        'fitDataset: dataset: expected the result of toDataset(tf, source$).',
      );
      await expect(evaluateDataset(model, source)).rejects.toThrow('evaluateDataset: dataset: expected');
    }
  });
});
