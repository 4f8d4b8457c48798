import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { groups, type GroupKey } from './shared/groups.js';
import { ValueError } from '../src/base/errors.js';
import { callback, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { showValue } from '../src/base/showValue.js';
import { stackFor, type Batched } from '../src/arrays/stack.js';

/** Options of {@link groupByWindow}. */
export interface GroupByWindowOptions<T, K extends GroupKey = GroupKey> {
  /** Returns the key of an item: a number, a bigint or a string. The number 1 and the bigint 1n are different keys. */
  readonly key: (item: T) => K;
  /** The number of items in a window. A function receives the key when the first item of a window arrives. */
  readonly windowSize: number | ((key: K) => number);
  /** If true, drops incomplete windows at the end. Default: false. */
  readonly dropRemainder?: boolean | undefined;
  /** The maximum number of keys with an incomplete window. More keys are an error. Default: 10,000. */
  readonly maxOpenGroups?: number | undefined;
}

export const groupFields = {
  dropRemainder: z.boolean().default(false).describe('If true, drops incomplete windows at the end. Default: false.'),
  maxOpenGroups: positiveInteger
    .default(10_000)
    .describe('The maximum number of keys with an incomplete window. More keys are an error. Default: 10000.'),
};

const NAME = 'groupByWindow';
const STACKER = { caller: NAME, remedy: `Make the shapes of a key equal in a map() before ${NAME}().` };

const optionsSchema = z.strictObject({
  key: callback<(item: never) => GroupKey>(),
  windowSize: z.union([positiveInteger, callback<(key: never) => number>()], {
    error: 'expected a positive integer, or a function that returns one',
  }),
  ...groupFields,
});

/**
 * Groups items by a key, and batches the items of each key, like `tf.data`'s `group_by_window`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature } from 'millrace/formats';
 * import { decodeTFRecord, groupByWindow, parseSingleExample } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   parseSingleExample({ sensor: fixedLenFeature([], 'int64'), value: fixedLenFeature([8], 'float32') }),
 *   groupByWindow({ key: ({ sensor }) => Number(sensor.data[0]), windowSize: 32 }),
 * ); // { sensor: NDArray<'int64'> of shape [32], value: NDArray<'float32'> of shape [32, 8] }, each of one sensor
 * ```
 *
 * Emits a window when it is full, stacked as `batch` does. Within a key, the order of the input is kept. When the source
 * completes, emits the incomplete windows in ascending order of their keys. When the source fails, drops them. Memory:
 * one incomplete window for each key (at most `maxOpenGroups`), and one full window.
 *
 * Throws a ConfigError at the call if an option is invalid. The Observable fails with the errors of `batch`, or with a
 * ValueError if a key or a window size is invalid, or if there are more than `maxOpenGroups` incomplete windows.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#group_by_window
 */
export function groupByWindow<T, K extends GroupKey = GroupKey>(
  options: GroupByWindowOptions<T, K>,
): OperatorFunction<T, Batched<T>> {
  const { dropRemainder, maxOpenGroups } = parseOptions(NAME, optionsSchema, options, {
    form: `${NAME}({ key: ({ label }) => Number(label.data[0]), windowSize: 32 })`,
  });
  const { key, windowSize } = options;
  const keyOf = (item: T): K => {
    const found = key(item);
    if (typeof found === 'string' || typeof found === 'bigint') return found;
    if (typeof found === 'number' && !Number.isNaN(found)) return found;
    throw invalid('key', 'a number, a bigint or a string', found);
  };
  const sizeOf = (found: K): number => {
    const size = typeof windowSize === 'function' ? windowSize(found) : windowSize;
    if (Number.isInteger(size) && size > 0) return size;
    throw invalid('windowSize', 'a positive integer', size);
  };
  return (source) =>
    groups<T, K, Batched<T>>(source, {
      name: NAME,
      told: { windowSize: typeof windowSize === 'number' ? windowSize : undefined, dropRemainder },
      ...{ keyOf, sizeOf, dropRemainder, maxOpenGroups },
      make: (items) => stackFor(STACKER, items),
    });
}

function invalid(what: string, expected: string, found: unknown): ValueError {
  return new ValueError(`${NAME}: ${what}: expected ${expected}, found ${showValue(found)}.`, { path: '' });
}
