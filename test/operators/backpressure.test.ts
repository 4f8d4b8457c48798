import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as rx from 'rxjs';
import type { Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { broadcast } from '../../operators/broadcast.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { groupByWindow } from '../../operators/groupByWindow.js';
import { mapAsync } from '../../operators/mapAsync.js';
import { prefetch } from '../../operators/prefetch.js';
import { rebatch } from '../../operators/rebatch.js';
import { shuffle } from '../../operators/shuffle.js';
import { timeSeries } from '../../operators/timeSeries.js';
import { window } from '../../operators/window.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { FifoWriter, makeFifo, nextTurn, until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const LINES = 30_000;

/** A FIFO that receives lines each time it is opened. Counts the decoded lines and the delivered lines. */
class Mill {
  readonly path = makeFifo(join(newFolder(), 'fifo'));
  decoded = 0;
  readonly line$ = fromFifo(this.path).pipe(
    decodeTextLine({ encoding: 'utf8' }),
    rx.tap(() => this.decoded++),
  );
  readonly #text: Uint8Array;
  #isStopped = false;

  #servings: number;

  /** @param servings - the number of readers to serve. Default: any number. */
  constructor(lines = LINES, servings = Infinity) {
    this.#servings = servings;
    this.#text = Buffer.from(Array.from({ length: lines }, (_, line) => `${line}\n`).join(''));
  }

  /** Serves one reader at a time. */
  async serve(): Promise<void> {
    while (!this.#isStopped && this.#servings-- > 0) {
      const writer = await FifoWriter.open(this.path);
      // The second part comes after the first one was read, so that a reader that does not stop receives it late.
      const middle = this.#text.length / 2;
      const before = this.decoded;
      await writer.write(this.#text.subarray(0, middle));
      while (this.decoded === before && !this.#isStopped) await nextTurn();
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      await writer.write(this.#text.subarray(middle));
      writer.close();
      await nextTurn();
    }
  }

  /** Opens the FIFO, so that a writer that waits for a reader continues. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const last = fromFifo(this.path).subscribe();
    await nextTurn();
    last.unsubscribe();
  }
}

const count = (item: unknown): number => (Array.isArray(item) ? item.length : 1);

/**
 * Pulls `steps` items, with many turns of the event loop after each. Returns the delivered items, and the maximum
 * number of lines that were decoded ahead of delivery.
 */
async function consumeSlowly(
  mills: readonly Mill[],
  pipeline: Observable<unknown>,
  steps: number,
): Promise<{ ahead: number; items: unknown[] }> {
  const servings = mills.map((mill) => mill.serve());
  const items: unknown[] = [];
  let delivered = 0;
  let ahead = 0;
  for await (const item of toAsyncIterable(pipeline)) {
    items.push(item);
    delivered += count(item);
    for (let turn = 0; turn < 30; turn++) {
      await nextTurn();
      ahead = Math.max(ahead, mills.reduce((sum, { decoded }) => sum + decoded, 0) - delivered);
    }
    if (items.length === steps) break;
  }
  await Promise.all([...mills.map((mill) => mill.stop()), ...servings]);
  return { ahead, items };
}

const slow = async <T>(item: T): Promise<T> => {
  await nextTurn();
  return item;
};

describe('the items decoded ahead of a slow consumer', () => {
  const cases: [string, number, (mill: Mill) => Observable<unknown>][] = [
    ['nothing between', 0, ({ line$ }) => line$],
    [
      'map, filter, scan, tap, startWith, endWith',
      0,
      ({ line$ }) =>
        line$.pipe(
          rx.map((line) => Number(line)),
          rx.filter(() => true),
          rx.scan((_, line) => line),
          rx.tap(),
          rx.startWith(-1),
          rx.endWith(-2),
        ),
    ],
    [
      'take, takeWhile, skip, distinctUntilChanged, pairwise',
      2,
      ({ line$ }) =>
        line$.pipe(
          rx.take(LINES),
          rx.takeWhile(() => true),
          rx.skip(1),
          rx.distinctUntilChanged(),
          rx.pairwise(),
          rx.map((pair) => pair.join()),
        ),
    ],
    ['batch(8)', 0, ({ line$ }) => line$.pipe(batch(8))],
    ['window(8)', 0, ({ line$ }) => line$.pipe(window(8))],
    [
      'window(8) with shift 1',
      7,
      ({ line$ }) =>
        line$.pipe(
          window(8, { shift: 1 }),
          rx.map((lines) => lines.join()),
        ),
    ],
    ['batch(8), rebatch(4)', 4, ({ line$ }) => line$.pipe(batch(8), rebatch(4))],
    ['timeSeries', 8, ({ line$ }) => line$.pipe(timeSeries({ length: 8 }))],
    ['groupByWindow', 8, ({ line$ }) => line$.pipe(groupByWindow({ key: () => 1, windowSize: 8 }))],
    ['bufferCount(8)', 0, ({ line$ }) => line$.pipe(rx.bufferCount(8))],
    ['prefetch(4)', 4, ({ line$ }) => line$.pipe(prefetch(4))],
    ['prefetch(4), prefetch(2)', 6, ({ line$ }) => line$.pipe(prefetch(4), prefetch(2))],
    ['batch(8), prefetch(3)', 24, ({ line$ }) => line$.pipe(batch(8), prefetch(3))],
    ['shuffle(10)', 10, ({ line$ }) => line$.pipe(shuffle(10, { seed: 1 }))],
    [
      'shuffle(10), batch(4), prefetch(2)',
      18,
      ({ line$ }) => line$.pipe(shuffle(10, { seed: 1 }), batch(4), prefetch(2)),
    ],
    ['mapAsync(4)', 4, ({ line$ }) => line$.pipe(mapAsync(slow, { concurrency: 4 }))],
    ['mapAsync(4), unordered', 4, ({ line$ }) => line$.pipe(mapAsync(slow, { concurrency: 4, ordered: false }))],
    [
      'prefetch(4), mapAsync(3), prefetch(2)',
      9,
      ({ line$ }) => line$.pipe(prefetch(4), mapAsync(slow, { concurrency: 3 }), prefetch(2)),
    ],
    ['broadcast to one sink', 0, ({ line$ }) => line$.pipe(broadcast({ sinks: 1 }))],
    ['defer and repeat', 0, ({ line$ }) => rx.defer(() => line$).pipe(rx.repeat(3))],
    ['prefetch(4), repeat', 4, ({ line$ }) => line$.pipe(prefetch(4), rx.repeat(3))],
    [
      'repeat with a delay',
      0,
      ({ line$ }) => line$.pipe(rx.take(5), rx.repeat({ count: 3, delay: () => rx.timer(1) })),
    ],
    [
      'retry after an error',
      1,
      ({ line$ }) => {
        let isFirst = true;
        const failOnce = (line: string): string => {
          if (isFirst) {
            isFirst = false;
            throw new Error('once');
          }
          return line;
        };
        return line$.pipe(rx.map(failOnce), rx.retry({ count: 1, delay: 1 }));
      },
    ],
    ['catchError', 0, ({ line$ }) => rx.throwError(() => 'source').pipe(rx.catchError(() => line$))],
    ['concat', 0, ({ line$ }) => rx.concat(rx.EMPTY, line$, line$)],
    ['merge with one at a time', 0, ({ line$ }) => rx.merge(line$, line$, 1)],
    ['race', 0, ({ line$ }) => rx.race(line$, rx.NEVER)],
    [
      'iif, using',
      0,
      ({ line$ }) =>
        rx.using(
          () => ({ unsubscribe: () => undefined }),
          () => rx.iif(() => true, line$, rx.NEVER),
        ),
    ],
    [
      'combineLatest and withLatestFrom a constant',
      0,
      ({ line$ }) =>
        rx.combineLatest([line$, rx.of(0)]).pipe(
          rx.withLatestFrom(rx.of(1)),
          rx.map((parts) => parts.join()),
        ),
    ],
    [
      'takeUntil, timeout, finalize',
      0,
      ({ line$ }) =>
        line$.pipe(
          rx.takeUntil(rx.NEVER),
          rx.timeout({ first: 60_000 }),
          rx.finalize(() => undefined),
        ),
    ],
    ['switchMap from a timer', 0, ({ line$ }) => rx.timer(1).pipe(rx.switchMap(() => line$))],
    ['concatMap from a promise', 0, ({ line$ }) => rx.from(Promise.resolve(1)).pipe(rx.concatMap(() => line$))],
    ['concatMap over sources', 0, ({ line$ }) => rx.from([1, 2, 3]).pipe(rx.concatMap(() => line$.pipe(rx.take(5))))],
    [
      'mergeMap, exhaustMap, expand, mergeScan over sources',
      0,
      ({ line$ }) =>
        rx
          .of(1)
          .pipe(rx.mergeMap(() => rx.of(1).pipe(rx.exhaustMap(() => rx.of(1).pipe(rx.mergeScan(() => line$, '')))))),
    ],
    ['subscribeOn another scheduler', 0, ({ line$ }) => line$.pipe(rx.subscribeOn(rx.asyncScheduler))],
    ['share, for one sink', 0, ({ line$ }) => line$.pipe(rx.share())],
    ['share and repeat', 0, ({ line$ }) => line$.pipe(rx.take(5), rx.share(), rx.repeat(3))],
    ['window, mergeAll', 0, ({ line$ }) => line$.pipe(rx.windowCount(4), rx.mergeAll())],
    [
      'groupBy, mergeMap',
      0,
      ({ line$ }) =>
        line$.pipe(
          rx.groupBy((line) => line.length),
          rx.mergeMap((group) => group),
        ),
    ],
    [
      'an operator made by hand',
      0,
      ({ line$ }) =>
        new rx.Observable((destination) =>
          line$.subscribe({
            next: (line) => destination.next(line),
            error: (error: unknown) => destination.error(error),
            complete: () => destination.complete(),
          }),
        ),
    ],
  ];

  for (const [name, bound, build] of cases) {
    it(`are ${bound} through ${name}`, async () => {
      const mill = new Mill();
      const { ahead, items } = await consumeSlowly([mill], build(mill), 12);
      expect(items.length).toBe(12);
      expect(ahead).toBe(bound);
    });
  }

  it('are none for each of twenty merged channels', async () => {
    const mills = Array.from({ length: 20 }, () => new Mill());
    const { ahead, items } = await consumeSlowly(mills, rx.merge(...mills.map(({ line$ }) => line$)), 60);
    expect([ahead, items.length]).toEqual([0, 60]);
  });

  it('are bounded in bytes, plus one item', async () => {
    const mill = new Mill();
    const weighed = mill.line$.pipe(prefetch({ bytes: 100, sizeOf: () => 30 }));
    expect((await consumeSlowly([mill], weighed, 12)).ahead).toBe(4);
  });

  it('are one item if each is larger than the limit', async () => {
    const mill = new Mill();
    const weighed = mill.line$.pipe(prefetch({ bytes: 1, sizeOf: () => 30 }));
    expect((await consumeSlowly([mill], weighed, 12)).ahead).toBe(1);
  });
});

describe('an operator that ignores demand', () => {
  const firstLines = 300;
  const cases: [string, (mill: Mill) => Observable<unknown>][] = [
    ['delayWhen', ({ line$ }) => line$.pipe(rx.delayWhen((line) => rx.timer(Number(line) % 7)))],
    ['concatMap with slow inner work', ({ line$ }) => line$.pipe(rx.concatMap(slow))],
    [
      'mergeMap with slow inner work',
      ({ line$ }) => line$.pipe(rx.mergeMap((line) => rx.timer(Number(line) % 7).pipe(rx.map(() => line)))),
    ],
    [
      'share behind an asynchronous trigger',
      ({ line$ }) => rx.timer(1).pipe(rx.switchMap(() => line$.pipe(rx.share()))),
    ],
  ];

  for (const [name, build] of cases) {
    it(`is reported once, and loses nothing: ${name}`, async () => {
      const mill = new Mill(firstLines, 1);
      let items: unknown[] = [];
      const warnings = await collectWarnings(async () => {
        ({ items } = await consumeSlowly([mill], build(mill), firstLines));
      });
      expect(items.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: firstLines }, (_, line) => line));
      expect(warnings).toEqual([{ code: 'MILLRACE_OVERRUN', message: expect.stringContaining('toAsyncIterable') }]);
    });
  }

  it('is reported once, by the name of the boundary: share with two sinks', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    let decoded = 0;
    const shared = fromFifo(path).pipe(
      decodeTextLine(),
      rx.tap(() => decoded++),
      rx.share(),
    );
    const warnings = await collectWarnings(async () => {
      // Only the first sink's gate counts. It is always open, so the second sink is overrun.
      const first = shared.subscribe();
      const second = toAsyncIterable(shared.pipe(prefetch(2)))[Symbol.asyncIterator]();
      const pending = second.next();
      const writer = await FifoWriter.open(path);
      for (let line = 1; line <= 6; line++) {
        await writer.write(Buffer.from('x\n'));
        await until(() => decoded === line);
        for (let turn = 0; turn < 5; turn++) await nextTurn();
      }
      await pending;
      await second.return?.();
      first.unsubscribe();
      writer.close();
    });
    expect(warnings).toEqual([{ code: 'MILLRACE_OVERRUN', message: expect.stringContaining('prefetch(2)') }]);
  });

  it('is an error with overrun error', async () => {
    const mill = new Mill();
    const strict = mill.line$.pipe(rx.concatMap(slow), prefetch({ items: 2, overrun: 'error' }));
    await expect(consumeSlowly([mill], strict, firstLines)).rejects.toMatchObject({ code: 'ERR_OVERRUN' });
    await mill.stop();
  });
});

describe('broadcast', () => {
  it('follows the slowest sink, until that sink unsubscribes', async () => {
    const mill = new Mill();
    const serving = mill.serve();
    const line$ = mill.line$.pipe(broadcast({ sinks: 2 }));
    const slowest = toAsyncIterable(line$)[Symbol.asyncIterator]();
    const fast: string[] = [];
    const fastest = line$.pipe(rx.take(100)).subscribe((line) => fast.push(line));
    expect(await slowest.next()).toEqual({ done: false, value: '0' });
    for (let turn = 0; turn < 30; turn++) await nextTurn();
    expect(fast).toEqual(['0']);
    expect(mill.decoded).toBe(1);
    await slowest.return?.();
    while (!fastest.closed) await nextTurn();
    expect(fast.length).toBe(100);
    await Promise.all([mill.stop(), serving]);
  });
});
