import process from 'node:process';
import { NEVER, Observable, concat, concatMap, map, of, range, share, tap, throwError } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { cache } from '../../operators/cache.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { shuffle } from '../../operators/shuffle.js';
import { FormatError } from '../../src/core/errors.js';
import { ndarray, type NDArray } from '../../src/core/ndarray.js';
import { oneHot } from '../../src/core/oneHot.js';
import { warn } from '../../src/core/warn.js';
import { channel } from '../../src/sources/channel.js';
import { fromIterable } from '../../src/sources/fromIterable.js';

/** The pipelines that the tests run in workers. What they share with the test is in shared memory. */

/** Numbers from 0, counted as they are made. */
export function numbers({ count, made }: { readonly count: number; readonly made: Int32Array }): Observable<number> {
  return fromIterable(counted(count, made));
}

function* counted(count: number, made: Int32Array): Generator<number> {
  for (let i = 0; i < count; i++) {
    Atomics.add(made, 0, 1);
    yield i;
  }
}

/** Arrays of so many bytes, counted as they are made. */
export function arrays(data: { readonly count: number; readonly made: Int32Array; readonly bytes: number }) {
  return numbers(data).pipe(map((i) => ndarray('uint8', [data.bytes], new Uint8Array(data.bytes).fill(i))));
}

/** Whatever the test sends. */
export function echo(items: readonly unknown[]): Observable<unknown> {
  return fromIterable(items);
}

/** Not a function. */
export const pipeline = of('a', 'b');

/** Ten numbers in another order at each subscription. */
export const shuffled = fromIterable([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).pipe(shuffle(10, { seed: 7 }), batch(10));

const rows = (count: number): Observable<NDArray<'float32'>> =>
  fromIterable(Array.from({ length: count }, (_, i) => ndarray('float32', [1000], new Float32Array(1000).fill(i))));

/** Batches of four rows, and after each the bytes that are left of it here once it has been sent. */
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

/** Batches that `cache` holds. */
export const cached = rows(8).pipe(batch(4), cache());

/** Batches beside an array that each of them holds. */
export function withConstant(): Observable<unknown> {
  const ys = ndarray('float32', [1000], new Float32Array(1000).fill(7));
  return rows(8).pipe(
    batch(4),
    map((xs) => ({ xs, ys })),
  );
}

/** The same batch twice. */
export function repeated(): Observable<unknown> {
  return rows(4).pipe(
    batch(4),
    concatMap((xs) => of(xs, xs)),
  );
}

/** One-hot labels for classes that lie in memory that is a slab. */
export function labels(): Observable<unknown> {
  return of(oneHot(ndarray('int64', [2], BigInt64Array.of(2n, 0n)), 3));
}

/** A channel's records. */
export function records({ baseDir }: { readonly baseDir: string }): Observable<unknown> {
  return channel('train', { baseDir }).pipe(decodeTFRecord());
}

/** A channel that is open when the work begins that never returns. */
export function blockedRecords(data: { readonly baseDir: string; readonly flags: Int32Array }): Observable<unknown> {
  return records(data).pipe(tap(() => block(data.flags)));
}

/** Blocks at once, after saying so. */
export function blocked({ flags }: { readonly flags: Int32Array }): Observable<unknown> {
  return concat(of('before'), new Observable(() => block(flags)));
}

function block(flags: Int32Array): void {
  Atomics.store(flags, 0, 1);
  Atomics.notify(flags, 0);
  // Nobody wakes it.
  Atomics.wait(flags, 1, 0);
}

/** An item, then an error. */
export function failing(): Observable<unknown> {
  const cause = new RangeError('the cause');
  const error = new FormatError('is cut', {
    kind: 'truncated',
    format: 'TFRecord',
    byteOffset: 12,
    recordIndex: 3,
    cause,
  });
  return concat(
    of(1),
    throwError(() => error),
  );
}

/** Ends its thread in one way or another after its first item. */
export function dying(how: 'exit' | 'throw' | 'reject' | 'memory'): Observable<unknown> {
  return concat(of(1), new Observable(() => void setTimeout(() => die(how))));
}

function die(how: 'exit' | 'throw' | 'reject' | 'memory'): void {
  switch (how) {
    case 'exit':
      process.exit(3);
      break;
    case 'throw':
      throw new TypeError('nobody catches it');
    case 'reject':
      void Promise.reject(new TypeError('nobody awaits it'));
      break;
    case 'memory': {
      const held: unknown[] = [];
      for (;;) held.push(new Array(10_000).fill({}));
    }
  }
}

/** Dies after its source has been left. */
export function dyingLater(): Observable<unknown> {
  return new Observable((destination) => {
    destination.next(1);
    return () => void setTimeout(() => die('exit'));
  });
}

/** Gives a warning. */
export function warning(): Observable<unknown> {
  return of(1).pipe(tap(() => warn('MILLRACE_BAD_RECORDS', 'from within')));
}

/** More than is asked for, from an operator that heeds no demand. */
export const pushing = range(0, 20).pipe(share());

/** Makes nothing, and never ends. */
export const silent = NEVER;

/** What is no pipeline. */
export const notAPipeline = 7;

/** A function that makes no pipeline. */
export const makesNothing = (): number => 7;

/** A function that throws. */
export function throwing(): never {
  throw new FormatError('at once', { kind: 'malformed', format: 'RecordIO', byteOffset: 0, recordIndex: 0 });
}

/** Items with what cannot be sent. */
export function functions(): Observable<unknown> {
  return of({ xs: 1 }, { nested: [{ fn: () => 1 }] }, { xs: 3 });
}

/** Whether this runs in the environment that it should. */
export const environment = of(process.env['MILLRACE_TEST_OF_WORKERS']);
