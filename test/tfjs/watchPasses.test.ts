import { jest } from '@jest/globals';
import type { Sequential } from '@tensorflow/tfjs';
import { EMPTY, filter, NEVER, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { MillraceError } from '../../src/base/errors.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { evaluateDataset, fitDataset, toDataset } from '../../src/tfjs/index.js';
import { BACKENDS, type Tf } from './backends.js';
import { CountedSource, lineSource, linearBatches, type LinearBatch } from './countedSource.js';
import { withLineModel, type LineModelTest } from './withLineModel.js';

/** tfjs does not dispose of its running totals of the loss and the metric if an epoch fails. */
const RUNNING_TOTALS = 2;
const ONE = ndarray('float32', [1], Float32Array.of(1));
const EMPTY_SOURCES: readonly [string, Observable<LinearBatch>][] = [
  ['an empty source', EMPTY],
  ['a filter that drops all', fromIterable(linearBatches(3)).pipe(filter(() => false))],
  [
    'a dropRemainder that drops the only batch',
    fromIterable([{ xs: ONE, ys: ONE }]).pipe(batch(64, { dropRemainder: true })),
  ],
];

describe.each(BACKENDS)('a pass without a batch on %s', (backend) => {
  let tf: Tf;
  let model: Sequential;
  let test: LineModelTest;
  withLineModel(backend, (each) => {
    test = each;
    ({ tf, model } = test);
  });

  it.each(EMPTY_SOURCES)('fails the training: %s', async (_, source$) => {
    const fitted = fitDataset(model, toDataset(tf, source$), { epochs: 2, verbose: 0 });
    await expect(fitted).rejects.toThrow(MillraceError);
    await expect(fitted).rejects.toMatchObject({
      code: 'ERR_EMPTY',
      message:
        'fitDataset: the dataset had no batch in its pass 1: the source has no records, the part of split has no records ' +
        '(increase its fraction), a filter drops all records, or dropRemainder drops the only batch because this batch is not full.',
    });
  });

  it.each(EMPTY_SOURCES)('fails a training of batchesPerEpoch: %s', async (_, source$) => {
    const fitted = fitDataset(model, toDataset(tf, source$), { epochs: 2, batchesPerEpoch: 2, verbose: 0 });
    await expect(fitted).rejects.toMatchObject({ code: 'ERR_EMPTY' });
  });

  it.each(EMPTY_SOURCES)('fails the validation: %s', async (_, source$) => {
    const training = lineSource(2);
    const fitted = fitDataset(model, toDataset(tf, training.source$), {
      epochs: 2,
      validationData: toDataset(tf, source$),
      verbose: 0,
    });
    await expect(fitted).rejects.toMatchObject({
      code: 'ERR_EMPTY',
      message: expect.stringMatching(/^fitDataset: validationData: the dataset had no batch in its pass 1: /),
    });
    expect([training.opened, training.closed]).toEqual([1, 1]);
    test.tensorsLeft = RUNNING_TOTALS;
  });

  it.each(EMPTY_SOURCES)('fails an evaluation: %s', async (_, source$) => {
    await expect(evaluateDataset(model, toDataset(tf, source$))).rejects.toMatchObject({ code: 'ERR_EMPTY' });
  });

  it('fails a later epoch, and reports that its source can be read only once', async () => {
    const left = linearBatches(3);
    const once = new CountedSource(() => left.splice(0));
    const fitted = fitDataset(model, toDataset(tf, once.source$), { epochs: 3, verbose: 0 });
    await expect(fitted).rejects.toMatchObject({
      code: 'ERR_EMPTY',
      message: expect.stringContaining('the dataset had no batch in its pass 2: the earlier passes had 3 batches.'),
    });
    expect([once.opened, once.closed]).toEqual([2, 2]);
    test.tensorsLeft = RUNNING_TOTALS;
  });

  it('does not fail if the dataset was closed by another caller', async () => {
    const dataset = toDataset<LinearBatch, ReturnType<Tf['tensor']>>(tf, NEVER);
    const onEpochBegin = (): void => void setImmediate(() => void dataset.close());
    const { epoch } = await fitDataset(model, dataset, { epochs: 1, verbose: 0, callbacks: { onEpochBegin } });
    expect([epoch, dataset.stats.batches]).toEqual([[0], 0]);
  });

  it('does not fail after the batches of one pass have run out, which tfjs reports', async () => {
    const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const dataset = toDataset(tf, lineSource(3).source$);
    await fitDataset(model, dataset, { epochs: 2, batchesPerEpoch: 2, verbose: 0 });
    expect(said).toHaveBeenCalledWith(expect.stringContaining('ran out of data'));
    said.mockRestore();
    expect(dataset.stats).toMatchObject({ passes: 1, batches: 3 });
  });

  it('does not fail without tfjs, where the reader can see whether the pass was closed', async () => {
    const dataset = toDataset(tf, EMPTY);
    const pass = await dataset.iterator();
    expect([await pass.next(), pass.wasClosed]).toEqual([{ done: true, value: undefined }, false]);
    const waiting = toDataset(tf, NEVER);
    const cut = await waiting.iterator();
    const next = cut.next();
    await waiting.close();
    expect([await next, cut.wasClosed]).toEqual([{ done: true, value: undefined }, true]);
  });
});
