import { checkArguments } from './checkArguments.js';
import { closeAfter } from './closeAfter.js';
import type { TensorDataset } from './tensorDataset.js';
import { watchPasses, type BatchSource } from './watchPasses.js';

/**
 * Calls `model.evaluateDataset(dataset, args)`, and then closes the dataset. tfjs does not close the dataset if
 * `args.batches` ends the evaluation early.
 *
 * Rejects with the errors of {@link fitDataset}.
 *
 * @returns scalar tensors that the caller must dispose of.
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
