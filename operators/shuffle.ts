import { randomInt } from 'node:crypto';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { seedOption } from '../src/base/optionFields.js';
import { boundary } from '../src/demand/boundary.js';
import { ownMemory } from '../src/base/ownMemory.js';
import { requireOptions, parseOptions, positiveInteger } from '../src/base/parseOptions.js';
import { passOf, refuseResuming } from '../src/resume/pass.js';
import { Queue } from '../src/base/queue.js';
import { seededRandom } from '../src/base/seededRandom.js';

/** Options of {@link shuffle}. */
export interface ShuffleOptions {
  /** From 0 to 2^32 - 1. Default: drawn at random; read it from the operator's `seed`. */
  readonly seed?: number | undefined;
  /** Whether each subscription, that is each epoch under `repeat`, has an order of its own. Default: true. */
  readonly reshuffleEachIteration?: boolean | undefined;
}

/** The operator that {@link shuffle} makes; it tells the seed it works with. */
export interface ShuffleOperator<T> extends MonoTypeOperatorFunction<T> {
  readonly seed: number;
}

/** The arguments of {@link shuffle}, by name. */
export const shuffleSchema = z.strictObject({
  bufferSize: positiveInteger,
  seed: seedOption.optional(),
  reshuffleEachIteration: z.boolean().default(true),
});

/**
 * Shuffles through a buffer: `tf.data`'s `shuffle`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, shuffle } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const mixed = shuffle<Uint8Array>(10_000, { seed: 7 });
 * const records$ = channel('train').pipe(decodeTFRecord(), mixed, repeat(3)); // epochs stay apart, each in its order
 * ```
 *
 * It fills a buffer of `bufferSize` items, then emits one of them at random for each that comes. The order is a function
 * of the seed and the iteration, which counts the subscriptions of this application, or is the epoch of a `resumable`
 * below; the same in every run. Before `repeat` each epoch is shuffled by itself; after it, epochs mix where they meet.
 *
 * Memory: `bufferSize` items. A record smaller than a quarter of the memory it is a view on is copied, so that ten
 * thousand small records do not keep ten thousand chunks alive. Neighbours up to 1 KiB are copied together, so a record
 * keeps up to 16 times its size alive.
 *
 * Throws a ConfigError at the call for bad arguments. Completion follows the items in the buffer. If the source fails,
 * the error follows the items that were due, and the rest of the buffer is dropped. An item drawn from a buffer that is
 * not full would have another place after a retry. Unsubscribing drops the buffer.
 *
 * @param bufferSize - items to draw from; as many as an epoch has for a perfect shuffle.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#shuffle
 */
export function shuffle<T>(bufferSize: number, options: ShuffleOptions = {}): ShuffleOperator<T> {
  requireOptions('shuffle', options, '{ seed: 7 }');
  const checked = parseOptions('shuffle', shuffleSchema, { bufferSize, ...options });
  const seed = checked.seed ?? randomInt(2 ** 32);
  const operator: MonoTypeOperatorFunction<T> = (source) => {
    let iteration = 0;
    const application = {};
    return boundary<T, T>(source, { name: `shuffle(${bufferSize})`, capacity: bufferSize }, ({ destination }) => {
      if (checked.seed === undefined) refuseResuming(destination, 'shuffle', 'Its seed is drawn anew: give it one.');
      const pass = passOf(destination);
      pass?.ledger.stage('shuffle', { ...checked });
      pass?.ledger.once(application, `shuffle(${bufferSize})`);
      const random = seededRandom(seed, checked.reshuffleEachIteration ? (pass?.epoch ?? iteration++) : 0);
      const buffer: T[] = [];
      /** Items that came unasked. They stay out of the buffer: the order must not depend on when the gate closed. */
      const excess = new Queue<T>();
      /** The fewest items to draw from. Otherwise the order would depend on where the source fails. */
      let fewest = bufferSize;
      return {
        receive: (item) => {
          if (buffer.length < bufferSize) buffer.push(ownMemory(item));
          else excess.push(ownMemory(item));
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

/** Takes an item out, and puts the last one in its place. */
function takeAt<T>(buffer: T[], index: number): T {
  const item = buffer[index] as T;
  const last = buffer.pop() as T;
  if (index < buffer.length) buffer[index] = last;
  return item;
}
