import { checkArguments, checkFitArguments } from './checkArguments.js';
import { closeAfter } from './closeAfter.js';
import { TensorDataset } from './tensorDataset.js';
import { watchPasses, type BatchSource } from './watchPasses.js';

/**
 * Calls `model.fitDataset(dataset, args)`, checks the batches, and closes the dataset.
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
 * await fitDataset(model, toDataset(tf, fromIterable([{ xs, ys }])), { epochs: 10 });
 * ```
 *
 * tfjs itself does not close a dataset that is not read to the end (because of `stopTraining`, `batchesPerEpoch`,
 * `validationBatches` or an error in a callback). `fitDataset` also closes `args.validationData` if it is a dataset
 * from `toDataset`.
 *
 * Each epoch and each validation is one pass over its dataset. The first batch of each pass is checked against the
 * model. Labels must have the shape of the output, because tfjs broadcasts labels `[n]` and an output `[n, 1]` to `[n,
 * n]`. For `sparseCategoricalCrossentropy`, labels must be class numbers in float32, of shape `[n]` or `[n, 1]`. If the
 * loss is a function, labels `[n]` for an output `[n, 1]` only cause the warning `MILLRACE_LABEL_SHAPE`. `classWeight`
 * needs a loss function that returns one value for each record. By default, the functions in `tf.losses` return one
 * mean for the batch.
 *
 * With `batchesPerEpoch`, all epochs together are one pass, so the source must have enough batches for all epochs, for
 * example with `repeat`. The `validationData` must be a different dataset, because a validation closes the open pass of
 * its dataset. If `initialEpoch` equals `epochs`, no epoch is trained.
 *
 * Rejects with the unchanged error of the source or of a callback, or with:
 *
 * - a ShapeError or ValueError if the model or its loss cannot use a batch;
 * - a MillraceError `ERR_EMPTY` if a pass ends without a batch;
 * - a ConfigError if an argument is not valid, or if tfjs would ignore the argument.
 *
 * After an error, disposes of the current batch. tfjs does not dispose of other tensors: see `docs/errors.md`.
 *
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
