import { concat, concatMap, filter, map, of, tap, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { cache } from '../../operators/cache.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { shuffle } from '../../operators/shuffle.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { channel } from '../../src/sources/channel.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { blockThread } from './blockThread.js';

/** The pipelines of records and batches that the tests run in workers. */

/** Ten numbers in a different order for each subscription. */
export const shuffled = fromIterable([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).pipe(shuffle(10, { seed: 7 }), batch(10));

const rows = (count: number): Observable<NDArray<'float32'>> =>
  fromIterable(Array.from({ length: count }, (_, i) => ndarray('float32', [1000], new Float32Array(1000).fill(i))));

/** Emits batches of four rows. After each, emits the bytes of the batch that remain on this thread. */
export function leftovers(): Observable<unknown> {
  let last: NDArray<'float32'> | undefined;
  return rows(8).pipe(
    batch(4),
    concatMap((xs) => concat(of(xs), of(undefined))),
    map((xs) => {
      if (!xs) return last?.data.byteLength;
      last = xs;
      return xs;
    }),
  );
}

/** Batches that `cache` keeps. */
export const cached = rows(8).pipe(batch(4), cache());

/** Batches that share an array. */
export function withConstant(): Observable<unknown> {
  const ys = ndarray('float32', [1000], new Float32Array(1000).fill(7));
  return rows(8).pipe(
    batch(4),
    map((xs) => ({ xs, ys })),
  );
}

/** Emits one batch twice. */
export function repeated(): Observable<unknown> {
  return rows(4).pipe(
    batch(4),
    concatMap((xs) => of(xs, xs)),
  );
}

/** The records of a channel. */
export function records({ baseDir }: { readonly baseDir: string }): Observable<unknown> {
  return channel('train', { baseDir }).pipe(decodeTFRecord());
}

/** Batches of the shuffled lines of files whose names begin with a digit. */
export function parsedLines({ pattern }: { readonly pattern: string }): Observable<unknown> {
  return recordsFromFiles(pattern, { recordFormat: 'TextLine' }).pipe(
    filter(([first = 0]) => first <= '9'.charCodeAt(0)),
    shuffle(1000, { seed: 7 }),
    batch(64),
    decodeCsv(['int64', { dtype: 'float32', name: 'weight' }]),
  );
}

/** A channel that is open when endless work begins. */
export function blockedRecords(data: { readonly baseDir: string; readonly flags: Int32Array }): Observable<unknown> {
  return records(data).pipe(tap(() => blockThread(data.flags)));
}
