import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { MillraceError } from '../src/base/errors.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { operate } from '../src/demand/operate.js';
import { EXPECTED, expectItems } from '../src/report/expectedItems.js';
import { passOf } from '../src/resume/pass.js';

export const assertCardinalitySchema = lazy(() =>
  z.strictObject({
    count: z.int().nonnegative().describe('The number of items in each epoch.'),
  }),
);

/**
 * Fails if an epoch does not have `count` items, like `tf.data`'s `assert_cardinality`. A downstream `monitor` and
 * `millrace run` show the progress.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { assertCardinality, decodeTFRecord } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decodeTFRecord(), assertCardinality(10_000));
 * ```
 *
 * Put `assertCardinality` before `resumable`. Fails with a MillraceError `ERR_CARDINALITY`. If the consumer
 * unsubscribes early, the number of items is not checked.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/experimental/assert_cardinality
 */
export function assertCardinality<T>(count: number): MonoTypeOperatorFunction<T> {
  const { count: expected } = parseOptions('assertCardinality', assertCardinalitySchema(), { count });
  const fail = (found: string): never => {
    const message = `expected ${expected} items, found ${found}. Check the source, or correct the number.`;
    throw new MillraceError(`assertCardinality: ${message}`, { code: 'ERR_CARDINALITY' });
  };
  return (source) =>
    operate<T, T>(source, (destination) => {
      passOf(destination)?.ledger.refuseSeeking('assertCardinality');
      const counted = expectItems(destination, expected);
      return {
        // Hides the counts of upstream operators, which count other items.
        carries: { [EXPECTED]: new Set() },
        next: (item) => {
          if (counted.items === expected) fail(`at least ${expected + 1}`);
          counted.items++;
          destination.next(item);
        },
        complete: () => {
          if (counted.items < expected) fail(`only ${counted.items}`);
          destination.complete();
        },
      };
    });
}
