import { describe, expect, it } from '@jest/globals';
import * as rx from 'rxjs';
import type { Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { flatMapSources } from '../../operators/flatMapSources.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { shuffle } from '../../operators/shuffle.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { nextTurn } from '../support/fifoWriter.js';
import { sourceByHand } from '../support/sourceByHand.js';

type Numbers = Observable<number>;
type Read = (item: number) => Observable<string>;

describe('an overrun', () => {
  it.each([
    ['concatMap', (read: Read) => rx.concatMap(read)],
    ['mergeMap with a concurrency', (read: Read) => rx.mergeMap(read, 2)],
    ['exhaustMap', (read: Read) => rx.exhaustMap(read)],
    ['concatAll', (read: Read) => rx.pipe(rx.map(read), rx.concatAll())],
    ['concatMap below a shuffle', (read: Read) => rx.pipe(shuffle<number>(10), rx.concatMap(read))],
  ])('is reported for an outer source that %s lets run ahead, by its name', async (_name, combine) => {
    let made = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield made++;
      },
    };
    const warnings = await collectWarnings(async () => {
      const inner = sourceByHand<string>();
      const items$ = fromIterable(endless).pipe(combine(() => inner.source$));
      const iterator = toAsyncIterable(items$)[Symbol.asyncIterator]();
      const first = iterator.next();
      while (made < 70_000) await nextTurn();
      inner.deliver('inner');
      expect(await first).toEqual({ done: false, value: 'inner' });
      await iterator.return?.();
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_OVERRUN',
        message: expect.stringMatching(/^(fromIterable|shuffle\(10\)) has emitted 65537 items .*flatMapSources/),
      },
    ]);
  });

  it.each([
    ['switchMap', (numbers$: Numbers) => numbers$.pipe(rx.switchMap((i) => fromIterable([i])))],
    ['mergeMap without a concurrency', (numbers$: Numbers) => numbers$.pipe(rx.mergeMap((i) => fromIterable([i])))],
    [
      'concatMap with synchronous inner sources',
      (numbers$: Numbers) => numbers$.pipe(rx.concatMap((i) => fromIterable([i, i]))),
    ],
    ['merge', (numbers$: Numbers) => rx.merge(numbers$.pipe(rx.filter((i) => i % 69_000 === 0)), fromIterable([1, 2]))],
    ['a filter that drops much', (numbers$: Numbers) => numbers$.pipe(rx.filter((i) => i % 69_000 === 0))],
    ['a large batch', (numbers$: Numbers) => numbers$.pipe(batch(69_000))],
    [
      'sampleFromDatasets',
      (numbers$: Numbers) =>
        sampleFromDatasets([numbers$.pipe(rx.filter((i) => i % 69_000 === 0)), fromIterable([1, 2, 3])], { seed: 1 }),
    ],
    ['flatMapSources', (numbers$: Numbers) => numbers$.pipe(flatMapSources((i) => fromIterable([i])))],
  ])('is not reported for %s', async (_name, build) => {
    const warnings = await collectWarnings(async () => {
      const { numbers } = countedNumbers(70_000);
      let items = 0;
      for await (const item of toAsyncIterable<unknown>(build(fromIterable(numbers)))) if (item !== undefined) items++;
      expect(items).toBeGreaterThan(1);
    });
    expect(warnings).toEqual([]);
  });

  it('is bounded if the inner sources wait for the consumer', async () => {
    const { numbers, made } = countedNumbers(1_000_000);
    const pairs$ = fromIterable(numbers).pipe(rx.concatMap((i) => fromIterable([i, i])));
    const iterator = toAsyncIterable(pairs$)[Symbol.asyncIterator]();
    for (let i = 0; i < 4; i++) await iterator.next();
    for (let turn = 0; turn < 30; turn++) await nextTurn();
    expect(made()).toBeLessThan(10);
    await iterator.return?.();
  });
});
