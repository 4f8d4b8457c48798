import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { groups } from './shared/groups.js';
import { ValueError } from '../src/base/errors.js';
import { callback, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { showValue } from '../src/base/showValue.js';
import { scalarOf, type NDArray } from '../src/arrays/ndarray.js';
import { stackFor, type Batched } from '../src/arrays/stack.js';

/** A key of {@link groupByWindow}. 1 and 1n are different keys. */
export type GroupKey = number | bigint | string;

/** Options of {@link groupByWindow}. */
export interface GroupByWindowOptions<T, K extends GroupKey | NDArray = GroupKey | NDArray> {
  /** Returns the key of an item. An NDArray must have one element. An element of dtype `bytes` becomes latin1 text. */
  readonly key: (item: T) => K;
  /** The number of items in a window, or a function that returns this number for the key of a new window. */
  readonly windowSize: number | ((key: K extends NDArray ? GroupKey : K) => number);
  /** If true, drops incomplete windows at the end. Default: false. */
  readonly dropRemainder?: boolean | undefined;
  /** The maximum number of incomplete windows. Default: 10000. */
  readonly maxOpenGroups?: number | undefined;
}

export const groupFields = lazy(() => ({
  dropRemainder: z.boolean().default(false).describe('If true, drops incomplete windows at the end. Default: false.'),
  maxOpenGroups: positiveInteger()
    .default(10_000)
    .describe('The maximum number of incomplete windows. More windows are an error. Default: 10000.'),
}));

const NAME = 'groupByWindow';
const STACKER = { caller: NAME, remedy: `Make the shapes equal in a map() before ${NAME}().` };

const optionsSchema = lazy(() =>
  z.strictObject({
    key: callback<(item: never) => unknown>(),
    windowSize: z.union([positiveInteger(), callback<(key: never) => number>()], {
      error: 'expected a positive integer or a function',
    }),
    ...groupFields(),
  }),
);

/**
 * Groups items by a key, and batches the items of each key, like `tf.data`'s `group_by_window`.
 *
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { groupByWindow } from 'millrace/operators';
 *
 * const windows$ = fromIterable([3, 1, 2]).pipe(groupByWindow({ key: (item) => item % 2, windowSize: 2 }));
 * // [3, 1], [2]
 * ```
 *
 * Stacks each full window like `batch`. The items of each key keep the order of the input. When the source completes,
 * emits the incomplete windows in ascending order of their keys. When the source fails, drops the incomplete windows.
 * Memory: one incomplete window for each key, and one full window.
 *
 * Fails with the errors of `batch`, or with a ValueError if a key or a window size is invalid, or if there are more
 * than `maxOpenGroups` incomplete windows.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#group_by_window
 */
export function groupByWindow<T, K extends GroupKey | NDArray = GroupKey | NDArray>(
  options: GroupByWindowOptions<T, K>,
): OperatorFunction<T, Batched<T>> {
  const { dropRemainder, maxOpenGroups } = parseOptions(NAME, optionsSchema(), options, {
    form: `${NAME}({ key: ({ label }) => label, windowSize: 32 })`,
  });
  const { key, windowSize } = options;
  const keyOf = (item: T): GroupKey => {
    const found = scalarOf(key(item));
    if (found instanceof Uint8Array) return Buffer.from(found).toString('latin1');
    if (typeof found === 'string' || typeof found === 'bigint') return found;
    if (typeof found === 'number' && !Number.isNaN(found)) return found;
    throw invalid('key', 'one number, bigint or text', found);
  };
  const sizeOf = (found: GroupKey): number => {
    const size = typeof windowSize === 'function' ? windowSize(found as never) : windowSize;
    if (Number.isInteger(size) && size > 0) return size;
    throw invalid('windowSize', 'a positive integer', size);
  };
  return (source) =>
    groups<T, GroupKey, Batched<T>>(source, {
      name: NAME,
      facts: { windowSize: typeof windowSize === 'number' ? windowSize : undefined, dropRemainder },
      ...{ keyOf, sizeOf, dropRemainder, maxOpenGroups },
      make: (items) => stackFor(STACKER, items),
    });
}

function invalid(what: string, expected: string, found: unknown): ValueError {
  return new ValueError(`${NAME}: ${what}: expected ${expected}, found ${showValue(found)}.`, { path: '' });
}
