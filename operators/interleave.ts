import { availableParallelism } from 'node:os';
import type { Observable, OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { interleaved } from './shared/interleaved.js';
import { callback, parseOptions, positiveInteger } from '../src/base/parseOptions.js';

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
  parseOptions('interleave', callback(), project);
  const { cycleLength, blockLength } = parseOptions('interleave', optionsSchema, options, {
    form: 'interleave(f, { cycleLength: 4 })',
  });
  return (source) => interleaved(source, { name: 'interleave', cycleLength, blockLength, project });
}
