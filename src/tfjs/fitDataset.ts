import { checkArguments, checkFitArguments } from './checkArguments.js';
import { closeAfter } from './closeAfter.js';
import { TensorDataset } from './tensorDataset.js';
import { watchPasses, type BatchSource } from './watchPasses.js';

/**
 * `model.fitDataset(dataset, args)` that leaves no source open.
 *
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fromIterable, ndarray } from 'millrace';
 * import { fitDataset, toDataset } from 'millrace/tfjs';
 *
 * const xs = ndarray('float32', [2, 1], Float32Array.of(0, 1));
 * const ys = ndarray('float32', [2, 1], Float32Array.of(1, 3));
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const history = await fitDataset(model, toDataset(tf, fromIterable([{ xs, ys }])), { epochs: 10 });
 * ```
 *
 * tfjs leaves a dataset that it does not read to its end (`stopTraining`, `batchesPerEpoch`, `validationBatches`, an
 * error in a callback) as it stands, and has no callback that runs in every case. This closes `dataset` in all of them,
 * and `args.validationData` where `toDataset` made it.
 *
 * The first batch of each pass is checked against the model, because tfjs broadcasts labels of shape `[n]` and an
 * output of `[n, 1]` to `[n, n]`, and learns the mean. Labels must have the output's shape; for
 * `sparseCategoricalCrossentropy` they are float32 numbers of classes, of shape `[n]` or `[n, 1]`. The labels that a
 * custom loss function accepts are not known: a warning `MILLRACE_LABEL_SHAPE` says if most functions would broadcast
 * them. `classWeight` needs a loss with a value for each record: the functions in `tf.losses` return the mean of the
 * batch, and tfjs weights that as a whole.
 *
 * Without `batchesPerEpoch` each epoch is a pass over the dataset, and validation is one more over `validationData`:
 * give it a dataset of its own. With `batchesPerEpoch` one pass spans all epochs: chain the source's own by `repeat`.
 *
 * Rejects with the error of the source or of a callback, the very same object. Rejects with a ShapeError or ValueError
 * if the model or its loss cannot use a batch, with a MillraceError `ERR_EMPTY` if a pass ends without a batch, and
 * with a ConfigError if tfjs would ignore an argument or train on nothing. Disposes of the current batch. (Tensors that
 * tfjs itself does not dispose of stay in memory: `docs/errors.md` counts them.)
 *
 * @param args - those of `model.fitDataset`.
 * @returns what `model.fitDataset` returns.
 * @see https://js.tensorflow.org/api/latest/#tf.LayersModel.fitDataset
 */
export function fitDataset<T, A extends { readonly validationData?: unknown }, R>(
  model: { fitDataset(dataset: BatchSource<T>, args: A): Promise<R> },
  dataset: TensorDataset<T>,
  args: NoInfer<A>,
): Promise<R> {
  const validationData = (args as A | undefined)?.validationData;
  return closeAfter([dataset, validationData], () => {
    checkArguments('fitDataset', dataset, args);
    checkFitArguments(dataset, args);
    const watched = watchPasses('fitDataset', dataset, model);
    if (!(validationData instanceof TensorDataset)) return model.fitDataset(watched, args);
    return model.fitDataset(watched, {
      ...args,
      validationData: watchPasses('fitDataset: validationData', validationData, model),
    });
  });
}
