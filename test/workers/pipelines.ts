import process from 'node:process';
import { NEVER, Observable, concat, map, of, range, share, tap, throwError } from 'rxjs';
import { FormatError } from '../../src/base/errors.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { warn } from '../../src/base/warn.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { blockThread } from './blockThread.js';

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

/** Blocks at once, after saying so. */
export function blocked({ flags }: { readonly flags: Int32Array }): Observable<unknown> {
  return concat(of('before'), new Observable(() => blockThread(flags)));
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

/** Numbers without an end, as they are asked for. */
export const forever = fromIterable(
  (function* () {
    for (let number = 0; ; number++) yield number;
  })(),
);
