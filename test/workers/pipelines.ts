import process from 'node:process';
import { NEVER, Observable, concat, map, of, range, share, tap, throwError } from 'rxjs';
import { FormatError } from '../../src/base/errors.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { warn } from '../../src/base/warn.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { blockThread } from './blockThread.js';

/** The pipelines that the tests run in workers. What they share with the test is in shared memory. */

/** Emits numbers from 0, and counts them. */
export function numbers({ count, made }: { readonly count: number; readonly made: Int32Array }): Observable<number> {
  return fromIterable(counted(count, made));
}

function* counted(count: number, made: Int32Array): Generator<number> {
  for (let i = 0; i < count; i++) {
    Atomics.add(made, 0, 1);
    yield i;
  }
}

/** Emits arrays of this size, and counts them. */
export function arrays(data: { readonly count: number; readonly made: Int32Array; readonly bytes: number }) {
  return numbers(data).pipe(map((i) => ndarray('uint8', [data.bytes], new Uint8Array(data.bytes).fill(i))));
}

export function echo(items: readonly unknown[]): Observable<unknown> {
  return fromIterable(items);
}

/** Not a function. */
export const pipeline = of('a', 'b');

/** Blocks immediately after a signal to the test. */
export function blocked({ flags }: { readonly flags: Int32Array }): Observable<unknown> {
  return concat(of('before'), new Observable(() => blockThread(flags)));
}

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

/** Ends its thread in a given way after its first item. */
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

/** Ends its thread after an unsubscription. */
export function dyingLater(): Observable<unknown> {
  return new Observable((destination) => {
    destination.next(1);
    return () => void setTimeout(() => die('exit'));
  });
}

export function warning(): Observable<unknown> {
  return of(1).pipe(tap(() => warn('MILLRACE_BAD_RECORDS', 'from within')));
}

/** Ignores demand. */
export const pushing = range(0, 20).pipe(share());

export const silent = NEVER;

/** Not a pipeline. */
export const notAPipeline = 7;

/** Returns no pipeline. */
export const makesNothing = (): number => 7;

export function throwing(): never {
  throw new FormatError('at once', { kind: 'malformed', format: 'RecordIO', byteOffset: 0, recordIndex: 0 });
}

/** Items that cannot be sent. */
export function functions(): Observable<unknown> {
  return of({ xs: 1 }, { nested: [{ fn: () => 1 }] }, { xs: 3 });
}

/** Emits the environment variable of the test. */
export const environment = of(process.env['MILLRACE_TEST_OF_WORKERS']);

/** Emits numbers endlessly, on demand. */
export const forever = fromIterable(
  (function* () {
    for (let number = 0; ; number++) yield number;
  })(),
);
