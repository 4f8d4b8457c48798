import { availableParallelism } from 'node:os';
import type { Observable, OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { interleaved } from './shared/interleaved.js';
import { callback, parseOptions, positiveInteger } from '../src/base/parseOptions.js';

/** Options of {@link interleave}. */
export interface InterleaveOptions {
  /** The number of inner sources that are open at the same time. Default: the number of CPUs. */
  readonly cycleLength?: number | undefined;
  /** The number of items that a source emits in one turn. Default: 1. */
  readonly blockLength?: number | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    cycleLength: positiveInteger().default(availableParallelism),
    blockLength: positiveInteger().default(1),
  }),
);

/**
 * Maps each item to a source, and reads several sources in turn, like `tf.data`'s `interleave`.
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
 * Emits `blockLength` items of each open source in turn, in the order of `tf.data`. When a source completes, the next
 * inner source takes its place. Memory: one item of each open source, requested in advance.
 *
 * If `project` throws or an inner source fails, the error is emitted in the turn of this source.
 *
 * @param project - is called when fewer than `cycleLength` sources are open.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#interleave
 */
export function interleave<T, R>(
  project: (item: T) => Observable<R>,
  options: InterleaveOptions = {},
): OperatorFunction<T, R> {
  parseOptions('interleave', callback(), project);
  const { cycleLength, blockLength } = parseOptions('interleave', optionsSchema(), options, {
    form: 'interleave(f, { cycleLength: 4 })',
  });
  return (source) => interleaved(source, { name: 'interleave', cycleLength, blockLength, project });
}
