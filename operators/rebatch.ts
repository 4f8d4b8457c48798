import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { markBatch } from '../src/arrays/batches.js';
import { concatenate } from '../src/arrays/concatenate.js';
import { unstack, type Rows } from '../src/arrays/unstack.js';
import { parseOptions, positiveInteger, requireOptions } from '../src/base/parseOptions.js';
import { Queue } from '../src/base/queue.js';
import { boundary } from '../src/demand/boundary.js';
import { tellStage } from '../src/resume/pass.js';
import { batchSchema, type BatchOptions } from './batch.js';

export const rebatchSchema = lazy(() =>
  z.strictObject({
    batchSize: z
      .union([positiveInteger(), z.array(positiveInteger()).min(1)])
      .describe('The number of items in a batch, or several numbers that are used in turn.'),
    dropRemainder: batchSchema().shape.dropRemainder,
  }),
);

const NAME = 'rebatch';

/**
 * Changes the size of batches, like `tf.data`'s `rebatch`.
 *
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { rebatch } from 'millrace/operators';
 *
 * const batches$ = fromIterable([[0, 1, 2], [3, 4]]).pipe(rebatch(2)); // [0, 1], [2, 3], [4]
 * ```
 *
 * Accepts the same batches as `unbatch`. Ragged arrays stay ragged. Emits views, unless a batch has items of several
 * input batches. Memory: the input batches of one output batch.
 *
 * Fails with the errors of `unbatch` and `batch`. When the source fails, drops an incomplete batch.
 *
 * @param batchSize - the number of items in a batch. Several numbers are used in turn.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#rebatch
 */
export function rebatch<B>(
  batchSize: number | readonly number[],
  options: BatchOptions = {},
): MonoTypeOperatorFunction<B> {
  requireOptions(NAME, options, '{ dropRemainder: true }');
  const checked = parseOptions(NAME, rebatchSchema(), { ...options, batchSize });
  const { dropRemainder = false } = checked;
  const sizes = [checked.batchSize].flat();
  return (source) =>
    boundary<B, B>(source, { name: NAME, onDemand: true }, ({ destination }) => {
      tellStage(destination, NAME, { sizes, dropRemainder });
      const waiting = new Queue<Rows>();
      /** The number of items that are waiting. */
      let length = 0;
      /** The number of emitted items of the first input batch in `waiting`. */
      let start = 0;
      let batches = 0;
      let isLast = false;
      const nextSize = (): number => {
        const size = sizes[batches % sizes.length] as number;
        return isLast && length > 0 ? Math.min(size, length) : size;
      };
      const take = (count: number): unknown => {
        const pieces: unknown[] = [];
        for (let left = count; left > 0;) {
          const rows = waiting.peek() as Rows;
          const end = Math.min(rows.length, start + left);
          pieces.push(rows.between(start, end));
          left -= end - start;
          start = end % rows.length;
          if (start === 0) waiting.shift();
        }
        return pieces.length === 1 ? pieces[0] : concatenate(NAME, pieces);
      };
      return {
        receive: (batch) => {
          const rows = unstack(batch, NAME);
          if (rows.length > 0) waiting.push(rows);
          length += rows.length;
        },
        hasRoom: () => length < nextSize(),
        emit: () => {
          const size = nextSize();
          if (length < size) return false;
          batches++;
          length -= size;
          destination.next(markBatch(NAME, take(size) as B));
          return true;
        },
        isEmpty: () => length < nextSize(),
        sourceEnded: (how) => {
          isLast = how === 'completed' && !dropRemainder;
        },
        clear: () => waiting.clear(),
      };
    });
}
