import type { Sequential } from '@tensorflow/tfjs';
import { of, repeat } from 'rxjs';
import { ConfigError } from '../../src/base/errors.js';
import { evaluateDataset, fitDataset, toDataset, type TensorDataset } from '../../src/tfjs/index.js';
import { BACKENDS, loadBackend, type Tf } from './backends.js';
import { lineSource, linearBatch } from './countedSource.js';
import { lineModel } from './lineModel.js';

describe.each(BACKENDS)('the arguments of fitDataset and evaluateDataset on %s', (backend) => {
  let tf: Tf;
  let model: Sequential;
  beforeAll(async () => {
    tf = await loadBackend(backend);
  });
  beforeEach(() => {
    model = lineModel(tf);
  });
  afterEach(() => {
    model.dispose();
  });

  it.each([
    ['batchSize', 'put batch(n) into it'],
    ['shuffle', 'put shuffle(n) into it'],
    ['stepsPerEpoch', 'tfjs calls it batchesPerEpoch'],
    ['validationSteps', 'tfjs calls it validationBatches'],
    ['steps', 'tfjs calls it batches'],
    ['sampleWeight', 'use classWeight'],
    ['sampleWeights', 'use classWeight'],
  ])('are refused if one is %s, which tfjs ignores', async (name, remedy) => {
    const source = lineSource(2);
    const dataset = toDataset(tf, source.source$);
    const args = { epochs: 1, [name]: 1 };
    const fitted = fitDataset(model, dataset, args);
    await expect(fitted).rejects.toThrow(ConfigError);
    await expect(fitted).rejects.toMatchObject({ path: name, message: expect.stringContaining(remedy) });
    await expect(evaluateDataset(model, dataset, args as object)).rejects.toMatchObject({ path: name });
    expect(source.opened).toBe(0);
  });

  it('are refused if the dataset is trained on over several epochs of one pass and validates too', async () => {
    const source = lineSource(2);
    const dataset = toDataset(tf, source.source$.pipe(repeat()));
    const args = { epochs: 3, batchesPerEpoch: 2, validationData: dataset, validationBatches: 1 };
    const fitted = fitDataset(model, dataset, args);
    await expect(fitted).rejects.toThrow(ConfigError);
    await expect(fitted).rejects.toThrow('fitDataset: validationData: it is the training dataset');
    expect(source.opened).toBe(0);
  });

  it('allow one dataset for both where each epoch is a pass of its own', async () => {
    const dataset = toDataset(tf, lineSource(2).source$);
    await fitDataset(model, dataset, { epochs: 3, validationData: dataset, verbose: 0 });
    expect(dataset.stats).toMatchObject({ passes: 6, batches: 12 });
  });

  it.each([[[]], [[1, 2]], [lineSource(2).source$], ['x'], [5]])(
    'are refused if the validation data are none: %j',
    async (validationData) => {
      const source = lineSource(2);
      const args = { epochs: 1, validationData: validationData as never };
      const fitted = fitDataset(model, toDataset(tf, source.source$), args);
      await expect(fitted).rejects.toThrow(ConfigError);
      await expect(fitted).rejects.toThrow('fitDataset: validationData: expected what toDataset(tf, source$) returns');
      expect(source.opened).toBe(0);
    },
  );

  it('are refused if training would begin beyond its last epoch', async () => {
    const dataset = toDataset(tf, lineSource(2).source$);
    const fitted = fitDataset(model, dataset, { epochs: 5, initialEpoch: 10 });
    await expect(fitted).rejects.toThrow(ConfigError);
    await expect(fitted).rejects.toThrow('fitDataset: initialEpoch: it is 10, more than epochs, which is 5');
    // A job that starts again when it is done has nothing left to do.
    await fitDataset(model, dataset, { epochs: 5, initialEpoch: 5 });
    expect(dataset.stats.passes).toBe(0);
  });

  it('are refused if the class weights are a Map', async () => {
    const fitted = fitDataset(model, toDataset(tf, of(linearBatch(2))), {
      epochs: 1,
      classWeight: new Map([[0, 1]]) as never,
    });
    await expect(fitted).rejects.toThrow('Convert it with Object.fromEntries(classWeight)');
  });

  it('are refused if they are missing, or if the dataset is none', async () => {
    const dataset = toDataset(tf, lineSource(2).source$);
    await expect(fitDataset(model, dataset, undefined as never)).rejects.toThrow(
      'fitDataset: args: expected an object',
    );
    for (const bad of [undefined, null, of(linearBatch(2)), [linearBatch(2)]]) {
      const source = bad as unknown as TensorDataset<object>;
      await expect(fitDataset(model, source, { epochs: 1 })).rejects.toThrow(
        'fitDataset: dataset: expected what toDataset(tf, source$) returns.',
      );
      await expect(evaluateDataset(model, source)).rejects.toThrow('evaluateDataset: dataset: expected');
    }
  });
});
