import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { nodeCrypto } from '../src/base/nodeCrypto.js';
import { lazy } from '../src/base/lazy.js';
import { seedOption } from '../src/base/optionFields.js';
import { boundary } from '../src/demand/boundary.js';
import { ownMemory } from '../src/base/ownMemory.js';
import { requireOptions, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { passOf, refuseRandomSeed } from '../src/resume/pass.js';
import { Queue } from '../src/base/queue.js';
import { seededRandom } from '../src/base/seededRandom.js';

/** Options of {@link shuffle}. */
export interface ShuffleOptions {
  /** An integer from 0 to 2^32 - 1. Default: a random seed. The property `seed` of the operator contains the seed. */
  readonly seed?: number | undefined;
  /** If true, each subscription has a different order. Default: true. */
  readonly reshuffleEachIteration?: boolean | undefined;
}

/** The operator that {@link shuffle} returns. */
export interface ShuffleOperator<T> extends MonoTypeOperatorFunction<T> {
  readonly seed: number;
}

export const shuffleSchema = lazy(() =>
  z.strictObject({
    bufferSize: positiveInteger().describe(
      'The number of items in the buffer. The operator emits a random item of the buffer.',
    ),
    seed: seedOption().optional().describe('The seed of the random order. Default: a random seed.'),
    reshuffleEachIteration: z
      .boolean()
      .default(true)
      .describe('If true, each epoch has a different order. Default: true.'),
  }),
);

/**
 * Shuffles items in a buffer, like `tf.data`'s `shuffle`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, shuffle } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decodeTFRecord(), shuffle(10_000, { seed: 7 }));
 * ```
 *
 * When the buffer is full, emits a random item, and reads the next item. The order depends only on the seed and the
 * epoch number, which a downstream `resumable` sets. Without `resumable`, the epoch number is the number of earlier
 * subscriptions. If `shuffle` comes after `repeat`, it mixes items of consecutive epochs.
 *
 * Memory: `bufferSize` items. If a record uses less than a quarter of its `ArrayBuffer`, the record is copied. Up to 16
 * consecutive records of up to 1 KiB each are copied into one buffer, so one record can keep the memory of 16 records.
 *
 * If the source fails, the buffered items are dropped.
 *
 * @param bufferSize - the number of items in the buffer. For a uniform shuffle, use the number of items of an epoch.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#shuffle
 */
export function shuffle<T>(bufferSize: number, options: ShuffleOptions = {}): ShuffleOperator<T> {
  requireOptions('shuffle', options, '{ seed: 7 }');
  const checked = parseOptions('shuffle', shuffleSchema(), { ...options, bufferSize });
  const seed = checked.seed ?? nodeCrypto().randomInt(2 ** 32);
  const operator: MonoTypeOperatorFunction<T> = (source) => {
    let iteration = 0;
    const application = {};
    return boundary<T, T>(source, { name: `shuffle(${bufferSize})`, capacity: bufferSize }, ({ destination }) => {
      refuseRandomSeed(destination, 'shuffle', checked.seed);
      const pass = passOf(destination);
      pass?.ledger.stage('shuffle', { ...checked });
      pass?.ledger.once(application, `shuffle(${bufferSize})`);
      const random = seededRandom(seed, checked.reshuffleEachIteration ? (pass?.epoch ?? iteration++) : 0);
      const own = ownMemory();
      const buffer: T[] = [];
      /** Items that were not requested, kept outside the buffer so that the order does not depend on timing. */
      const excess = new Queue<T>();
      /** The minimum buffer length for an emission: `bufferSize`, or 1 after the source has completed. */
      let fewest = bufferSize;
      return {
        receive: (item) => {
          if (buffer.length < bufferSize) buffer.push(own(item));
          else excess.push(own(item));
        },
        hasRoom: () => buffer.length < bufferSize,
        emit: () => {
          if (buffer.length < fewest) return false;
          const item = takeAt(buffer, random(buffer.length));
          if (excess.length > 0) buffer.push(excess.shift() as T);
          destination.next(item);
          return true;
        },
        isEmpty: () => buffer.length < fewest,
        held: () => buffer.length + excess.length,
        sourceEnded: (how) => {
          if (how === 'completed') fewest = 1;
        },
        clear: () => {
          buffer.length = 0;
          excess.clear();
        },
      };
    });
  };
  return Object.assign(operator, { seed });
}

/** Removes the item at `index`, and moves the last item there. */
function takeAt<T>(buffer: T[], index: number): T {
  const item = buffer[index] as T;
  const last = buffer.pop() as T;
  if (index < buffer.length) buffer[index] = last;
  return item;
}
