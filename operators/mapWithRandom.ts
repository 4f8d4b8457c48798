import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { seedOption } from '../src/base/optionFields.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';
import { randomOfItem } from '../src/base/seededRandom.js';
import { operate } from '../src/demand/operate.js';
import { passOf } from '../src/resume/pass.js';

/** Options of {@link mapWithRandom}. */
export interface MapWithRandomOptions {
  /** An integer from 0 to 2^32 - 1. Two operators with the same seed get the same random numbers. */
  readonly seed: number;
}

const optionsSchema = lazy(() => z.strictObject({ seed: seedOption() }));

/**
 * Maps each item with random numbers that can be reproduced, like `tf.data`'s `map` with a counter as the seed of
 * `tf.random.stateless_uniform`. Useful for augmentation.
 *
 * ```ts
 * import { channel, scale } from 'millrace';
 * import { decodeImage, decodeRecordIO, mapWithRandom } from 'millrace/operators';
 *
 * const images$ = channel('images').pipe(
 *   decodeRecordIO(),
 *   decodeImage(),
 *   mapWithRandom((image, random) => scale(image, (0.8 + 0.4 * random()) / 255), { seed: 7 }), // brightness
 * );
 * ```
 *
 * `random` returns numbers from 0 to less than 1, like `Math.random`. They depend only on the seed, the epoch and the
 * index of the item in the epoch. So a resumed run gets the same numbers as an uninterrupted run. If several hosts read
 * the same items, put `mapWithRandom` before `shard`, so that the numbers do not depend on the number of hosts.
 *
 * A downstream `resumable` sets the epoch number. Without `resumable`, the epoch number is the number of earlier
 * subscriptions.
 *
 * `random` can also be called after the function has returned, for example in a later `mapAsync`. For random numbers in
 * `mapInWorkers`, see `docs/guides/workers.md`.
 *
 * @see https://www.tensorflow.org/tutorials/images/data_augmentation#option_1_using_tfdatadatasetcounter
 */
export function mapWithRandom<T, R>(
  project: (item: T, random: () => number) => R,
  options: MapWithRandomOptions,
): OperatorFunction<T, R> {
  parseOptions('mapWithRandom', callback(), project);
  const form = 'mapWithRandom(f, { seed: 7 })';
  const { seed } = parseOptions('mapWithRandom', optionsSchema(), options, { form });
  return (source) => {
    let iteration = 0;
    let itemsPerDelivered: number | undefined;
    return operate<T, R>(source, (destination) => {
      const pass = passOf(destination);
      itemsPerDelivered ??= pass?.ledger.itemsPerDelivered('mapWithRandom') ?? 0;
      pass?.ledger.stage('mapWithRandom', { seed });
      const epoch = pass?.epoch ?? iteration++;
      let index = itemsPerDelivered * (pass?.ledger.savedItems ?? 0);
      return { next: (item) => destination.next(project(item, randomOfItem(seed, epoch, index++))) };
    });
  };
}
