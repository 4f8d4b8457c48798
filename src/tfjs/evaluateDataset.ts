import { checkArguments } from './checkArguments.js';
import { closeAfter } from './closeAfter.js';
import type { TensorDataset } from './tensorDataset.js';
import { watchPasses, type BatchSource } from './watchPasses.js';

/**
 * `model.evaluateDataset(dataset, args)` that leaves no source open, as `fitDataset` does: with `args.batches`, tfjs
 * leaves the dataset half read.
 *
 * Rejects with the error of the source, the very same object. Rejects with the errors of {@link fitDataset} if a batch
 * does not fit the model, if the source ends without a batch, or if tfjs would ignore an argument.
 *
 * @returns what `model.evaluateDataset` returns: scalars that are the caller's to dispose of.
 * @see https://js.tensorflow.org/api/latest/#tf.LayersModel.evaluateDataset
 */
export function evaluateDataset<T, A, R>(
  model: { evaluateDataset(dataset: BatchSource<T>, args?: A): Promise<R> },
  dataset: TensorDataset<T>,
  args?: NoInfer<A>,
): Promise<R> {
  return closeAfter([dataset], () => {
    checkArguments('evaluateDataset', dataset, args ?? {});
    return model.evaluateDataset(watchPasses('evaluateDataset', dataset, model), args);
  });
}
