import type { Observable, OperatorFunction } from 'rxjs';
import { interleaved } from './shared/interleaved.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';

const projectSchema = callback<(item: never) => Observable<unknown>>('expected a function that returns an Observable');

/**
 * Maps each item to a source, and reads one source after the other, like `tf.data`'s `flat_map`.
 *
 * RxJS's `concatMap` reads and stores items while an inner source waits for data. Here the next item is requested when
 * the previous item's source has ended.
 *
 * ```ts
 * import { channel, fromFile } from 'millrace';
 * import { decodeTFRecord, decodeTextLine, flatMapSources } from 'millrace/operators';
 *
 * const records$ = channel('lists').pipe(
 *   decodeTextLine({ encoding: 'utf8' }),
 *   flatMapSources((path) => fromFile(path).pipe(decodeTFRecord())),
 * );
 * ```
 *
 * Keeps the order. Memory: one item of the current source. To read several sources at the same time, use `interleave`.
 *
 * Throws a ConfigError at the call if `project` is not a function. Exceptions of `project`, and errors of all sources,
 * follow the earlier items. Unsubscribing, and the first error, unsubscribe all.
 *
 * @param project - returns the source of an item.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#flat_map
 */
export function flatMapSources<T, R>(project: (item: T) => Observable<R>): OperatorFunction<T, R> {
  parseOptions('flatMapSources', projectSchema, project);
  return (source) => interleaved(source, { name: 'flatMapSources', cycleLength: 1, blockLength: 1, project });
}
