import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { nodeCrypto } from '../src/base/nodeCrypto.js';
import { lazy } from '../src/base/lazy.js';
import { scalarOf, type NDArray } from '../src/arrays/ndarray.js';
import { ValueError } from '../src/base/errors.js';
import { seedOption } from '../src/base/optionFields.js';
import { callback, parseOptions, requireOptions } from '../src/base/parseOptions.js';
import { seededRandom } from '../src/base/seededRandom.js';
import { showValue } from '../src/base/showValue.js';
import { sumOf } from '../src/base/sumOf.js';
import { operate } from '../src/demand/operate.js';
import { passOf, refuseRandomSeed } from '../src/resume/pass.js';

/** Options of {@link rejectionResample}. */
export interface RejectionResampleOptions {
  /** The shares of the classes in the source. Default: an estimate from the items so far. */
  readonly initialDist?: readonly number[] | undefined;
  /** An integer from 0 to 2^32 - 1. Default: a random seed. */
  readonly seed?: number | undefined;
}

const NAME = 'rejectionResample';

const distribution = lazy(() =>
  z.array(z.number().nonnegative()).refine((shares) => Math.abs(sumOf(shares) - 1) < 1e-6, {
    error: ({ input }) => `expected shares with a sum of 1, found a sum of ${sumOf(input as number[])}`,
  }),
);

const fields = lazy(() =>
  z
    .strictObject({
      targetDist: distribution().describe('The share of each class in the output.'),
      initialDist: distribution().optional().describe('The share of each class in the source. Default: an estimate.'),
      seed: seedOption().optional().describe('The seed of the random choices. Default: a random seed.'),
    })
    .refine(
      ({ targetDist, initialDist = targetDist }) =>
        initialDist.length === targetDist.length && targetDist.every((share, i) => share === 0 || initialDist[i]),
      {
        path: ['initialDist'],
        error: 'expected as many shares as targetDist, and a share above 0 for each class with a target above 0',
      },
    ),
);

export const rejectionResampleSchema = lazy(() =>
  fields().safeExtend({
    feature: z.string().describe('The name of the feature that is the class number, from 0.'),
  }),
);

const optionsSchema = lazy(() => fields().safeExtend({ classFunc: callback() }));

/**
 * Drops items at random so that the classes have the shares `targetDist`, like `tf.data`'s `rejection_resample`. Emits
 * pairs of class and item.
 *
 * ```ts
 * import { fromIterable } from 'millrace';
 * import { rejectionResample } from 'millrace/operators';
 *
 * const pairs$ = fromIterable([0, 0, 0, 1]).pipe(rejectionResample((label) => label, [0.5, 0.5], { seed: 7 }));
 * ```
 *
 * Accepts an item of class c with the probability `r[c] / max(r)`, with `r[c] = targetDist[c] / initialDist[c]`. Unlike
 * TensorFlow, emits no item twice. The choices depend on the seed, the epoch number and the index of the item.
 *
 * Fails with a ValueError if a class is not an index of `targetDist`.
 *
 * @param classFunc - returns the class of an item. An NDArray must have one element.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#rejection_resample
 */
export function rejectionResample<T>(
  classFunc: (item: T) => number | bigint | NDArray,
  targetDist: readonly number[],
  options: RejectionResampleOptions = {},
): OperatorFunction<T, [classValue: number, item: T]> {
  requireOptions(NAME, options, '{ seed: 7 }');
  const checked = parseOptions(NAME, optionsSchema(), { ...options, classFunc, targetDist });
  const { targetDist: target, initialDist, seed = nodeCrypto().randomInt(2 ** 32) } = checked;
  const classOf = (item: T): number => {
    const found = scalarOf(classFunc(item));
    const index = typeof found === 'bigint' ? Number(found) : found;
    if (typeof index === 'number' && target[index] !== undefined) return index;
    const message = `expected a class from 0 to ${target.length - 1}, found ${showValue(found)}`;
    throw new ValueError(`${NAME}: ${message}.`, { path: '' });
  };
  return (source) => {
    let iteration = 0;
    return operate<T, [number, T]>(source, (destination) => {
      refuseRandomSeed(destination, NAME, checked.seed);
      const pass = passOf(destination);
      pass?.ledger.stage(NAME, { targetDist: target, initialDist, seed });
      const random = seededRandom(seed, pass?.epoch ?? iteration++);
      const acceptanceOf = createAcceptance(target, initialDist);
      return {
        next: (item) => {
          const index = classOf(item);
          if (random(2 ** 32) / 2 ** 32 < acceptanceOf(index)) destination.next([index, item]);
        },
      };
    });
  };
}

/** As in TensorFlow, the estimate starts with 10 items of each class. */
const SMOOTHING = 10;

/**
 * Returns a function that counts an item of a class, and returns the probability that the item is accepted.
 *
 * @param initial - the share of each class in the source. Default: estimated from the counted items.
 */
export function createAcceptance(target: readonly number[], initial?: readonly number[]): (index: number) => number {
  const counts = target.map((_share, index) => initial?.[index] ?? SMOOTHING);
  const ratioOf = (share: number, index: number): number => (share === 0 ? 0 : share / (counts[index] as number));
  const maxRatio = (): number => target.reduce((most, share, index) => Math.max(most, ratioOf(share, index)), 0);
  const known = initial && maxRatio();
  return (index) => {
    if (!initial) counts[index] = (counts[index] as number) + 1;
    return ratioOf(target[index] as number, index) / (known ?? maxRatio());
  };
}
