import { MillraceError } from '../base/errors.js';
import { checkBatch } from './checkBatch.js';
import { MAY_BE_EMPTY, type TensorDataset, type TensorIterator } from './tensorDataset.js';

export interface BatchSource<T> {
  readonly size: number;
  iterator(): Promise<TensorIterator<T>>;
}

/** A pass of the result fails if the first batch does not fit the model, or if the pass has no batch. */
export function watchPasses<T>(caller: string, dataset: TensorDataset<T>, model: object): BatchSource<T> {
  const watch = (pass: TensorIterator<T>): TensorIterator<T> => {
    let batches = 0;
    return {
      next: async () => {
        const result = await pass.next();
        if (result.done === true) {
          if (batches === 0 && !pass.wasClosed && !dataset[MAY_BE_EMPTY]()) throw noBatch(caller, dataset);
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
  const reason =
    batches === 0
      ? 'the source has no records, the part of split has no records (increase its fraction), a filter drops all records, or ' +
        'dropRemainder drops the only batch because this batch is not full.'
      : `the earlier passes had ${batches} batches. If the source can be read only once, create a new source for each pass: ` +
        'defer(() => …).';
  return new MillraceError(`${caller}: the dataset had no batch in its pass ${passes}: ${reason}`, {
    code: 'ERR_EMPTY',
  });
}
