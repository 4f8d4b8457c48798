import type * as tfjs from '@tensorflow/tfjs';
import { concat, map, of, throwError, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { parseExample } from '../../operators/parseExample.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { evaluateDataset, fitDataset, toDataset, type TensorDataset } from '../../src/tfjs/index.js';
import { toTensors } from '../../src/tfjs/toTensors.js';
import type { Tf } from './backends.js';
import { linearBatch, linearBatches, type LinearBatch } from './countedSource.js';

type Batch = Readonly<Record<'xs' | 'ys', NDArray>>;
type Dataset = TensorDataset<Record<'xs' | 'ys', tfjs.Tensor>>;
type Args = tfjs.ModelFitDatasetArgs<unknown>;

/** A way to train: with this package, or with tfjs alone. */
export interface Trainer {
  dataset(source$: Observable<Batch>): Dataset;
  fit(model: tfjs.Sequential, dataset: Dataset, args: Args): Promise<unknown>;
  evaluate(model: tfjs.Sequential, dataset: Dataset): Promise<unknown>;
}

export const ourTrainer = (tf: Tf): Trainer => ({
  dataset: (source$) => toDataset(tf, source$),
  fit: (model, dataset, args) => fitDataset(model, dataset, args),
  evaluate: (model, dataset) => evaluateDataset(model, dataset),
});

export const tfjsTrainer = (tf: Tf): Trainer => ({
  dataset: (source$) =>
    tf.data.generator(async function* () {
      for await (const item of toAsyncIterable(source$)) yield toTensors(tf, item, 'int32');
    } as never) as unknown as Dataset,
  fit: (model, dataset, args) => model.fitDataset(dataset, args),
  evaluate: (model, dataset) => model.evaluateDataset(dataset, {}),
});

const boom = new Error('boom');
const BATCHES = 3;
const batches$: Observable<LinearBatch> = fromIterable(linearBatches(BATCHES));
const failing$ = (batches: number): Observable<LinearBatch> =>
  concat(
    fromIterable(Array.from({ length: batches }, () => linearBatch(4))),
    throwError(() => boom),
  );

/** Batches. The second contains a record that is not an Example. */
const unparsable$ = fromIterable(
  [1, 2, 3].map((x) => (x === 2 ? Uint8Array.of(7) : encodeExample({ x: { floatList: [x] } }))),
).pipe(
  batch(1),
  parseExample({ x: fixedLenFeature([1], 'float32') }),
  map(({ x }) => ({ xs: x, ys: x })),
);

const throwBoom = (): never => {
  throw boom;
};

/** A training of two epochs, or an evaluation, that fails. */
export interface Failing {
  readonly isEvaluation?: boolean;
  readonly source$?: Observable<Batch>;
  readonly validation$?: Observable<Batch>;
  readonly args?: Partial<Args>;
  readonly compile?: { readonly loss?: () => never; readonly metric?: () => never };
}

function inCallback(name: string, failingCall = 0): () => Failing {
  return () => {
    let calls = 0;
    return { args: { callbacks: { [name]: () => (calls++ === failingCall ? throwBoom() : undefined) } } };
  };
}

const wrong = (part: Partial<Batch>): Failing => ({ source$: of({ ...linearBatch(4), ...part }) });
const zeros = (shape: number[]): NDArray =>
  ndarray('float32', shape, new Float32Array(shape.reduce((product, length) => product * length, 1)));

/** The rows of the table in `docs/errors.md`. */
export const FAILURES: Readonly<Record<string, () => Failing>> = {
  'the source fails before its first batch': () => ({ source$: failing$(0) }),
  'the source fails within an epoch': () => ({ source$: failing$(1) }),
  'a record cannot be parsed': () => ({ source$: unparsable$ }),
  'the source of the validation fails before its first batch': () => ({ validation$: failing$(0) }),
  'the source of the validation fails after a batch': () => ({ validation$: failing$(1) }),
  '`onTrainBegin` throws': inCallback('onTrainBegin'),
  '`onEpochBegin` throws': inCallback('onEpochBegin'),
  '`onEpochBegin` throws in the second epoch': inCallback('onEpochBegin', 1),
  '`onBatchBegin` throws at the first batch': inCallback('onBatchBegin'),
  '`onBatchBegin` throws at the second batch': inCallback('onBatchBegin', 1),
  '`onBatchEnd` throws': inCallback('onBatchEnd'),
  '`onEpochEnd` throws': inCallback('onEpochEnd'),
  '`onTrainEnd` throws': inCallback('onTrainEnd'),
  'the shape of `xs` is wrong': () => wrong({ xs: zeros([4, 3]) }),
  'the shape of `ys` is wrong': () => wrong({ ys: zeros([4, 3, 2]) }),
  '`ys` has fewer records than `xs`': () => wrong({ ys: zeros([3, 1]) }),
  '`ys` is text': () =>
    wrong({
      ys: ndarray(
        'bytes',
        [4, 1],
        Array.from({ length: 4 }, () => Uint8Array.of(65)),
      ),
    }),
  'the loss function throws': () => ({ compile: { loss: throwBoom } }),
  'a metric throws': () => ({ compile: { metric: throwBoom } }),
  'a class has no weight': () => ({ args: { classWeight: { 99: 1 } } }),
  'evaluation: the source fails before its first batch': () => ({ isEvaluation: true, source$: failing$(0) }),
  'evaluation: the source fails after a batch': () => ({ isEvaluation: true, source$: failing$(1) }),
  'evaluation: the shape of `xs` is wrong': () => ({ isEvaluation: true, ...wrong({ xs: zeros([4, 3]) }) }),
  'evaluation: the loss function throws': () => ({ isEvaluation: true, compile: { loss: throwBoom } }),
};

/** Runs a training that fails. Returns the number of tensors that stay in memory. */
export async function tensorsLeft(tf: Tf, trainer: Trainer, failing: Failing): Promise<number> {
  const { compile } = failing;
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: 'zeros' })] });
  model.compile({
    optimizer: 'sgd',
    loss: compile?.loss ?? 'meanSquaredError',
    metrics: ['mae', ...(compile?.metric ? [compile.metric] : [])],
  });
  const before = tf.memory().numTensors;
  await expect(perform(trainer, model, failing)).rejects.toThrow();
  const left = tf.memory().numTensors - before;
  model.dispose();
  return left;
}

function perform(trainer: Trainer, model: tfjs.Sequential, failing: Failing): Promise<unknown> {
  const { isEvaluation, source$ = batches$, validation$, args } = failing;
  const dataset = trainer.dataset(source$);
  if (isEvaluation) return trainer.evaluate(model, dataset);
  const validationData = validation$ && trainer.dataset(validation$);
  return trainer.fit(model, dataset, { epochs: 2, verbose: 0, ...args, ...(validationData && { validationData }) });
}
