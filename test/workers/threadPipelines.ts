import process from 'node:process';
import { concat, defer, filter, finalize, map, NEVER, of, throwError, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { shard } from '../../operators/shard.js';
import { shuffle } from '../../operators/shuffle.js';
import { FormatError } from '../../src/base/errors.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { channel } from '../../src/sources/channel.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { inWorker } from '../../src/sources/inWorker.js';
import type { WorkerPlace } from '../../src/workers/crossing/protocol.js';

/** The pipelines that tests run in several threads, or under `resumable`. */

export interface Counts {
  /** In shared memory: the number of items of each thread. */
  readonly lengths: Int32Array;
  /** In shared memory: the numbers of made items, of subscriptions and of ends. */
  readonly made: Int32Array;
}

/** Emits the index of the thread and a number from 0. */
export function counted({ lengths, made }: Counts, { index }: WorkerPlace): Observable<readonly [number, number]> {
  return defer(() => {
    Atomics.add(made, 1, 1);
    return fromIterable(numbers(index, Atomics.load(lengths, index), made)).pipe(
      finalize(() => Atomics.add(made, 2, 1)),
    );
  });
}

function* numbers(index: number, length: number, made: Int32Array): Generator<readonly [number, number]> {
  for (let i = 0; i < length; i++) {
    Atomics.add(made, 0, 1);
    yield [index, i];
  }
}

/** Thread 1 fails after one item. The other threads never end. */
export function failing({ ended }: { readonly ended: Int32Array }, { index }: WorkerPlace): Observable<number> {
  if (index !== 1) return concat(of(index, index), NEVER).pipe(finalize(() => Atomics.add(ended, 0, 1)));
  const error = new FormatError('is cut', { kind: 'truncated', format: 'RecordIO', byteOffset: 8, recordIndex: 2 });
  return concat(
    of(index),
    throwError(() => error),
  );
}

/** Thread 0 emits nothing. */
export const silentFirst = (_data: unknown, { index }: WorkerPlace): Observable<number> =>
  index === 0 ? NEVER : of(index, index);

/** Thread 1 exits after one item. */
export function dying(_data: unknown, { index }: WorkerPlace): Observable<number> {
  return index === 1
    ? concat(
        of(index),
        defer(() => process.exit(4)),
      )
    : concat(of(index, index), NEVER);
}

/** Does not read its index. */
export const alike = (): Observable<number> => of(1);

export const notAFunction = of(1);

/** Lines of files, dealt to the threads one by one. */
export function lines({ pattern }: { readonly pattern: string }, place: WorkerPlace): Observable<string> {
  return recordsFromFiles(pattern, { recordFormat: decodeTextLine({ encoding: 'utf8' }) }).pipe(shard(place));
}

export interface Shuffled {
  readonly pattern: string;
  readonly seed?: number;
}

/** Batches of shuffled lines. */
export function shuffledLines({ pattern, seed }: Shuffled, place: WorkerPlace): Observable<string> {
  return lines({ pattern }, place).pipe(
    shuffle(5, { seed }),
    batch(2),
    map((texts) => texts.join()),
  );
}

export interface Inputs {
  readonly baseDir: string;
  /** The channel of each thread. */
  readonly names: readonly string[];
}

/** The lines of the channel of the thread. */
export function channelOfThread({ baseDir, names }: Inputs, { index }: WorkerPlace): Observable<string> {
  return channel(names[index], { baseDir }).pipe(decodeTextLine({ encoding: 'utf8' }));
}

/** The lines of a channel, dealt to the threads. */
export function dealtChannel({ baseDir }: { readonly baseDir: string }, place: WorkerPlace): Observable<string> {
  return channelLines({ baseDir }).pipe(shard(place));
}

/** The lines of a FIFO, dealt to the threads. */
export function dealtFifo({ path }: { readonly path: string }, place: WorkerPlace): Observable<string> {
  return fromFifo(path).pipe(decodeTextLine({ encoding: 'utf8' }), shard(place));
}

/** Each thread runs `channelLines` in a thread of its own. */
export function nested(data: unknown, { index }: WorkerPlace): Observable<string> {
  return inWorker<string>(new URL(import.meta.url), { exportName: 'channelLines', data }).pipe(
    filter(() => index >= 0),
  );
}

/** The lines of a channel. */
export function channelLines({ baseDir }: { readonly baseDir: string }): Observable<string> {
  return channel('train', { baseDir }).pipe(decodeTextLine({ encoding: 'utf8' }));
}
