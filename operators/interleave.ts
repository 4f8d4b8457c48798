import { availableParallelism } from 'node:os';
import { defer, type Observable, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { fromInputs, Input, type Combination } from '../src/core/inputs.js';
import { parseOptions, positiveInteger } from '../src/core/parseOptions.js';
import { tellStage } from '../src/core/pass.js';
import { Queue } from '../src/core/queue.js';

/** Options of {@link interleave}. */
export interface InterleaveOptions {
  /** How many inner streams are open at a time. Default: the number of CPUs. */
  readonly cycleLength?: number | undefined;
  /** How many items in a row are taken from one of them. Default: 1. */
  readonly blockLength?: number | undefined;
}

const optionsSchema = z.strictObject({
  cycleLength: positiveInteger.default(availableParallelism),
  blockLength: positiveInteger.default(1),
});

/**
 * Maps each item to a stream and takes from several of them in turn: `tf.data`'s `interleave`.
 *
 * ```ts
 * import { fromFile, fromIterable } from 'millrace';
 * import { decodeTFRecord, interleave } from 'millrace/operators';
 *
 * const records$ = fromIterable(['a.tfrecord', 'b.tfrecord', 'c.tfrecord']).pipe(
 *   interleave((path) => fromFile(path).pipe(decodeTFRecord()), { cycleLength: 2, blockLength: 16 }),
 * );
 * ```
 *
 * The order is `tf.data`'s, and the same in every run: `blockLength` items of the first stream, then of the second, and
 * round again; a stream that has ended is replaced by the next one, which waits for its turn. The whole cycle is open at
 * once, so that while one stream is read the others fetch their first item. Memory: one item of each open stream.
 *
 * Throws a ConfigError at the call for bad options. What `project` throws, and errors of a stream after its items, arrive
 * as error notifications when their turn comes. Unsubscribing, and the first error, unsubscribe all.
 *
 * @param project - makes the stream of an item; called when there is room in the cycle.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#interleave
 */
export function interleave<T, R>(
  project: (item: T) => Observable<R>,
  options: InterleaveOptions = {},
): OperatorFunction<T, R> {
  const { cycleLength, blockLength } = parseOptions('interleave', optionsSchema, options);
  return (source) =>
    fromInputs<R>((destination, onChange): Combination => {
      tellStage(destination, 'interleave', { cycleLength, blockLength });
      const outer = new Input(source, { name: 'interleave: sources', destination, onChange });
      const open: (Input<R> | undefined)[] = [];
      /** Places in the cycle whose streams have ended, in the order of their turns. */
      const vacated = new Queue<number>();
      let position = 0;
      let taken = 0;

      const moveTo = (place: number): void => {
        position = place;
        taken = 0;
      };

      /** Fills the cycle with the streams of the items that are there. */
      const openStreams = (): void => {
        while (open.length < cycleLength || vacated.length > 0) {
          outer.want();
          if (!outer.isReady) return;
          const item = outer.take();
          const stream = defer(() => project(item));
          const input = new Input(stream, { name: 'interleave', destination, onChange });
          open[open.length < cycleLength ? open.length : (vacated.shift() as number)] = input;
          input.start();
        }
      };

      /** Passes a place without a stream, if none will come; says whether that is known. */
      const passVacant = (): boolean => {
        if (!outer.isOver) return false;
        if (open.some((input) => input)) moveTo(position + 1 < open.length ? position + 1 : 0);
        else destination.complete();
        return true;
      };

      const step = (): boolean => {
        openStreams();
        for (const each of open) each?.want();
        const input = open[position];
        if (!input) return passVacant();
        if (input.isReady) {
          const item = input.take();
          if (++taken === blockLength) moveTo((position + 1) % cycleLength);
          destination.next(item);
        } else if (input.isOver) {
          open[position] = undefined;
          vacated.push(position);
          moveTo((position + 1) % cycleLength);
        } else return false;
        return true;
      };
      const start = (): void => {
        outer.start();
      };
      return { start, step };
    });
}
