import type { Observable, OperatorFunction } from 'rxjs';
import { lazy } from '../src/base/lazy.js';
import { interleaved } from './shared/interleaved.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';

const projectSchema = lazy(() =>
  callback<(item: never) => Observable<unknown>>('expected a function that returns an Observable'),
);

/**
 * Maps each item to a source, and reads one source after the other, like `tf.data`'s `flat_map`. Unlike RxJS's
 * `concatMap`, requests an item only after the previous inner source has completed.
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
 * Memory: one item of the inner source. If `project` throws, the items of earlier sources are emitted before the error.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#flat_map
 */
export function flatMapSources<T, R>(project: (item: T) => Observable<R>): OperatorFunction<T, R> {
  parseOptions('flatMapSources', projectSchema(), project);
  return (source) => interleaved(source, { name: 'flatMapSources', cycleLength: 1, blockLength: 1, project });
}
