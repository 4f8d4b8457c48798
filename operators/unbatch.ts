import type { OperatorFunction } from 'rxjs';
import { boundary } from '../src/demand/boundary.js';
import { tellStage } from '../src/resume/pass.js';
import { Queue } from '../src/base/queue.js';
import { unstack, type Rows, type Unbatched } from '../src/arrays/unstack.js';

/**
 * Takes batches apart into their items: `tf.data`'s `unbatch`, the inverse of `batch`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature, raggedFeature } from 'millrace/formats';
 * import { batch, decodeTFRecord, parseExample, shuffle, unbatch } from 'millrace/operators';
 *
 * const examples$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   batch(256),
 *   parseExample({ tokens: raggedFeature('int64'), label: fixedLenFeature([], 'int64') }), // fast, in batches
 *   unbatch(), // { tokens: NDArray<'int64'> of shape [its own length], label: NDArray<'int64'> of shape [] }
 *   shuffle(10_000),
 * );
 * ```
 *
 * NDArrays, also inside objects and tuples, lose their first axis; ragged arrays become their rows; an array gives its
 * elements. What comes out is a view on the batch, which it keeps alive. Order is kept. Memory: it is a boundary of one
 * batch, which it hands out one item at a time as they are wanted.
 *
 * Notifies a ShapeError where the parts of a batch are of different lengths, and a ValueError for what is no batch (a
 * sparse value among it), after all items before it; both name the path. Completion and errors of the source follow its
 * items. Unsubscribing drops the batch.
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
        // The next batch is asked for when its first item is wanted, not when the last one of this has gone.
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
