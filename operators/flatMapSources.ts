import type { Observable, OperatorFunction } from 'rxjs';
import { interleaved } from './shared/interleaved.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';

const projectSchema = callback<(item: never) => Observable<unknown>>('expected a function that returns an Observable');

/**
 * Maps each item to a source and reads one source after the other: `tf.data`'s `flat_map`.
 *
 * RxJS's `concatMap` goes on reading its outer source while an inner source waits for data, and keeps every item. This
 * operator asks for the next item only when the source of the item before has ended.
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
 * Order is kept. Memory: one item of the source that is being read. To read several sources at a time, use `interleave`.
 *
 * Throws a ConfigError at the call if `project` is not a function. An exception of `project`, and an error of an inner
 * or the outer source, follows the items before it. Unsubscribing, and the first error, unsubscribe all.
 *
 * @param project - returns the source of an item; called when the source before has ended.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#flat_map
 */
export function flatMapSources<T, R>(project: (item: T) => Observable<R>): OperatorFunction<T, R> {
  parseOptions('flatMapSources', projectSchema, project);
  return (source) => interleaved(source, { name: 'flatMapSources', cycleLength: 1, blockLength: 1, project });
}
