import type * as tfjs from '@tensorflow/tfjs';
import { map, take, type Observable } from 'rxjs';
import { batch, parseExample, prefetch } from 'millrace/operators';
import { evaluateDataset, fitDataset, toDataset } from 'millrace/tfjs';
import type { TensorDataset } from 'millrace/tfjs';
import { FEATURES } from './corpus.js';
import type { Ending } from './consumers.js';
import { atTurn, type Run } from './run.js';

type Tf = typeof tfjs;
type Model = tfjs.Sequential;
type Dataset = TensorDataset<{ readonly xs: tfjs.Tensor; readonly ys: tfjs.Tensor }>;

/** A model that learns, and its tfjs namespace. */
export interface Trainer {
  readonly tf: Tf;
  readonly model: Model;
}

const MOST_BATCHES = 12;
const MOST_IN_A_PASS = 2 * MOST_BATCHES;
const MOST_TURNS = 300;

/** One neuron on the cpu backend. It has trained once, so tensors that tfjs creates once exist. */
export async function createTrainer(): Promise<Trainer> {
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: 'zeros' })] });
  model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' });
  const xs = tf.zeros([1, 1]);
  await model.fit(xs, xs, { epochs: 1, verbose: 0 });
  xs.dispose();
  return { tf, model };
}

/** Trains on records, and stops in one way. */
type Training = (run: Run, trainer: Trainer, dataset: Dataset) => Promise<Ending>;

const STOPPED: Ending = { how: 'stopped' };

/** A pass that was cut to its length does not show the later ending. */
function endingOf({ stats }: Dataset): Ending {
  return stats.batches < stats.passes * MOST_IN_A_PASS ? { how: 'completed' } : STOPPED;
}

/** Every way in which training ends. */
export const TRAININGS: Readonly<Record<string, Training>> = {
  stopTraining: async (run, { model }, dataset) => {
    const count = run.random(MOST_BATCHES);
    const onBatchEnd = (index: number): void => {
      if (index >= count) model.stopTraining = true;
    };
    await fit(run, model, dataset, { epochs: 2, callbacks: { onBatchEnd } });
    return STOPPED;
  },
  'an error in onBatchBegin': async (run, { model }, dataset) => {
    const count = run.random(MOST_BATCHES);
    const onBatchBegin = (index: number): void => {
      if (index >= count) run.throwBoom();
    };
    await fit(run, model, dataset, { epochs: 1, callbacks: { onBatchBegin } });
    return endingOf(dataset);
  },
  'an error in onBatchEnd': async (run, { model }, dataset) => {
    const count = run.random(MOST_BATCHES);
    const onBatchEnd = (index: number): void => {
      if (index >= count) run.throwBoom();
    };
    await fit(run, model, dataset, { epochs: 1, callbacks: { onBatchEnd } });
    return endingOf(dataset);
  },
  batchesPerEpoch: async (run, { model }, dataset) => {
    const batchesPerEpoch = 1 + run.random(MOST_BATCHES);
    await fit(run, model, dataset, { epochs: 2, batchesPerEpoch });
    return STOPPED;
  },
  'close at some turn': async (run, { model }, dataset) => {
    void atTurn(
      run.random(MOST_TURNS),
      () => false,
      () => dataset.close(),
    );
    await fit(run, model, dataset, { epochs: 1 });
    return STOPPED;
  },
  'abort at some turn': async (run, { model }, dataset) => {
    void atTurn(
      run.random(MOST_TURNS),
      () => false,
      () => run.abort.abort(),
    );
    await fit(run, model, dataset, { epochs: 1 });
    return endingOf(dataset);
  },
  'fit to the end': async (run, { model }, dataset) => {
    await fit(run, model, dataset, { epochs: 2 });
    return endingOf(dataset);
  },
  'evaluate some batches': async (run, { tf, model }, dataset) => {
    const batches = 1 + run.random(MOST_BATCHES);
    closeIfEndless(run, dataset);
    try {
      tf.dispose(await evaluateDataset(model, dataset, { batches }));
    } catch (error) {
      run.tensorsOfTfjs = dataset.stats.batches > 0 ? 1 : 0;
      throw error;
    }
    return STOPPED;
  },
  'a loop that is left': async (run, { tf }, dataset) => {
    closeIfEndless(run, dataset);
    // Like `await using`, which Node 20 supports only in compiled code.
    try {
      const pass = await dataset.iterator();
      for (let left = run.random(MOST_BATCHES); left > 0; left--) {
        const { done, value } = await pass.next();
        if (done === true) break;
        tf.dispose({ ...value });
      }
      return STOPPED;
    } finally {
      await dataset[Symbol.asyncDispose]();
    }
  },
};

/** Makes batches of records, and trains on some of them. */
export async function train(
  run: Run,
  trainer: Trainer,
  { records$, training }: { readonly records$: Observable<Uint8Array>; readonly training: Training },
): Promise<Ending> {
  const batches$ = records$.pipe(
    batch(1 + run.random(16)),
    parseExample(FEATURES),
    map(({ x, y }) => ({ xs: x, ys: y })),
    take(MOST_IN_A_PASS),
    prefetch(1 + run.random(4)),
  );
  try {
    return await training(run, trainer, toDataset(trainer.tf, batches$));
  } catch (error) {
    return { how: 'failed', error };
  }
}

interface FitArgs {
  readonly epochs: number;
  readonly batchesPerEpoch?: number;
  readonly callbacks?: Readonly<Record<string, (index: number) => void>>;
}

async function fit(run: Run, model: Model, dataset: Dataset, args: FitArgs): Promise<void> {
  closeIfEndless(run, dataset);
  let [epoch, trained] = [0, 0];
  const callbacks = {
    onEpochBegin: (index: number) => {
      [epoch, trained] = [index, 0];
    },
    ...args.callbacks,
    onBatchEnd: (index: number) => {
      trained++;
      args.callbacks?.['onBatchEnd']?.(index);
    },
  };
  try {
    // A closed dataset can be read again, so a second epoch would wait like the first.
    const epochs = run.isEndless ? 1 : args.epochs;
    await fitDataset(model, dataset, { verbose: 0, ...args, epochs, callbacks });
  } catch (error) {
    // The loss of each completed epoch, and that of the current epoch.
    run.tensorsOfTfjs = epoch + (trained > 0 ? 1 : 0);
    throw error;
  }
}

function closeIfEndless(run: Run, dataset: Dataset): void {
  if (run.isEndless)
    void atTurn(
      MOST_TURNS,
      () => false,
      () => {
        run.wasClosed = true;
        return dataset.close();
      },
    );
}
