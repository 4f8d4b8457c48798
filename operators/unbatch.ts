import type { OperatorFunction } from 'rxjs';
import { boundary } from '../src/demand/boundary.js';
import { tellStage } from '../src/resume/pass.js';
import { Queue } from '../src/base/queue.js';
import { unstack, type Rows, type Unbatched } from '../src/arrays/unstack.js';

/**
 * Splits batches into their items, like `tf.data`'s `unbatch`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature } from 'millrace/formats';
 * import { batch, decodeTFRecord, parseExample, unbatch } from 'millrace/operators';
 *
 * const examples$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   batch(256),
 *   parseExample({ label: fixedLenFeature([], 'int64') }),
 *   unbatch(), // { label: NDArray<'int64'> of shape [] }
 * );
 * ```
 *
 * Splits NDArrays along their first axis, ragged arrays into rows, and plain arrays into elements, also inside objects
 * and tuples. Emits views on the batch, one item at a time on demand. Memory: one batch.
 *
 * Fails with a ShapeError if the arrays of a batch have different lengths, and with a ValueError if a value cannot be
 * split, for example a sparse value.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#unbatch
 */
export function unbatch<B>(): OperatorFunction<B, Unbatched<B>> {
  return (source) =>
    boundary<B, Unbatched<B>>(source, { name: 'unbatch', onDemand: true }, ({ destination }) => {
      tellStage(destination, 'unbatch', {});
      const waiting = new Queue<B>();
      let rows: Rows | undefined;
      let index = 0;
      return {
        receive: (batch) => {
          waiting.push(batch);
        },
        hasRoom: () => !rows && waiting.length === 0,
        // Requests the next batch only when its first item is requested.
        emit: () => {
          while (!rows || index === rows.length) {
            rows = undefined;
            if (waiting.length === 0) return false;
            rows = unstack(waiting.shift());
            index = 0;
          }
          destination.next(rows.at(index++) as Unbatched<B>);
          return true;
        },
        isEmpty: () => (!rows || index === rows.length) && waiting.length === 0,
        clear: () => {
          rows = undefined;
          waiting.clear();
        },
      };
    });
}
