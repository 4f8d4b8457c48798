import { MillraceError } from '../base/errors.js';
import { checkBatch } from './checkBatch.js';
import { TensorDataset, type TensorIterator } from './tensorDataset.js';

/** The part of a {@link TensorDataset} that tfjs reads. */
export interface BatchSource<T> {
  readonly size: number;
  iterator(): Promise<TensorIterator<T>>;
}

/**
 * Returns the same dataset with checks, for tfjs. A pass fails if its first batch does not fit the model, or if its
 * source ends without a batch.
 *
 * @param caller - the function that messages begin with.
 */
export function watchPasses<T>(caller: string, dataset: TensorDataset<T>, model: object): BatchSource<T> {
  const watch = (pass: TensorIterator<T>): TensorIterator<T> => {
    let batches = 0;
    return {
      next: async () => {
        const result = await pass.next();
        if (result.done === true) {
          if (batches === 0 && !pass.wasClosed && !TensorDataset.mayBeEmpty(dataset)) throw noBatch(caller, dataset);
        } else if (batches++ === 0) await checkBatch(caller, model, result.value);
        return result;
      },
      get wasClosed() {
        return pass.wasClosed;
      },
    };
  };
  return { size: dataset.size, iterator: async () => watch(await dataset.iterator()) };
}

function noBatch(caller: string, { stats: { passes, batches } }: TensorDataset<unknown>): MillraceError {
  const why =
    batches === 0
      ? 'its source has no records, a filter drops them all, or dropRemainder drops a batch that is not full.'
      : `the passes before it had ${batches}. A source that can be read once only has to be made anew for each pass: ` +
        'defer(() => …).';
  return new MillraceError(`${caller}: pass ${passes} over the dataset ended without a batch: ${why}`, {
    code: 'ERR_EMPTY',
  });
}
