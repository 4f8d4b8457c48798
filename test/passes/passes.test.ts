import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, jest } from '@jest/globals';
import {
  concat,
  defer,
  EMPTY,
  filter,
  merge,
  of,
  repeat,
  take,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { batch } from '../../operators/batch.js';
import { cache } from '../../operators/cache.js';
import { chooseFromDatasets } from '../../operators/chooseFromDatasets.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { flatMapSources } from '../../operators/flatMapSources.js';
import { interleave } from '../../operators/interleave.js';
import { mergeChannels } from '../../operators/mergeChannels.js';
import { prefetch } from '../../operators/prefetch.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { fromAsyncIterable } from '../../src/sources/fromAsyncIterable.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { collectWarnings, type CollectedWarning } from '../support/collectWarnings.js';
import { nextTurn } from '../support/fifoWriter.js';
import { notifications } from '../support/notifications.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

jest.setTimeout(60_000);

const newFolder = temporaryFolders();

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(newFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

const first = async (source$: Observable<unknown>): Promise<unknown> => {
  const iterator = toAsyncIterable(source$)[Symbol.asyncIterator]();
  try {
    const { done, value } = await iterator.next();
    return done === true ? 'complete' : value;
  } finally {
    await iterator.return?.();
  }
};

const isEmptyError = (name: string): object =>
  expect.objectContaining({
    code: 'ERR_CHANNEL_EMPTY',
    message: expect.stringMatching(new RegExp(`^${name}.* was empty 3 .* repeat\\(\\) of an empty source never ends`)),
  });

describe('repeat() of an empty source', () => {
  it.each([
    ['an iterable', 'fromIterable', () => fromIterable([])],
    ['a cache of nothing', 'cache', () => fromIterable([]).pipe(cache())],
    ['an empty file', 'fromFile', () => fromFile(file('a', '')).pipe(decodeTextLine())],
    ['empty files', 'recordsFromFiles', () => recordsFromFiles(file('a', ''), { recordFormat: 'TFRecord' })],
    [
      'empty files, several at a time',
      'recordsFromFiles',
      () => recordsFromFiles([file('a', ''), file('b', '')], { recordFormat: 'TFRecord', cycleLength: 2 }),
    ],
    [
      'a gzip of nothing',
      'recordsFromFiles',
      () => recordsFromFiles(file('a.gz', gzipSync('')), { recordFormat: 'TextLine' }),
    ],
  ])('fails at the third time: %s', async (_what, name, make: () => Observable<unknown>) => {
    await expect(first(make().pipe(repeat()))).rejects.toEqual(isEmptyError(name));
  });

  it.each([
    ['mergeChannels', () => mergeChannels([])],
    ['mergeChannels', () => mergeChannels([EMPTY, EMPTY])],
    ['sampleFromDatasets', () => sampleFromDatasets([])],
    ['zipChannels', () => zipChannels([EMPTY, EMPTY])],
    ['chooseFromDatasets', () => chooseFromDatasets([of(1)], EMPTY)],
    ['flatMapSources', () => of(1, 2).pipe(flatMapSources(() => fromIterable([])))],
    ['interleave', () => of(1, 2).pipe(interleave(() => EMPTY, { cycleLength: 2 }))],
  ])('fails at the third time in an operator of several sources: %s', async (name, make: () => Observable<unknown>) => {
    await expect(first(make().pipe(repeat()))).rejects.toEqual(isEmptyError(name));
    expect(notifications(make().pipe(repeat()))).toEqual([isEmptyError(name)]);
    expect(await first(make().pipe(repeat(2)))).toBe('complete');
  });

  it('fails without a gate too', () => {
    expect(notifications(fromIterable([]).pipe(repeat()))).toEqual([isEmptyError('fromIterable')]);
  });

  it('is not an error twice, or if a later source has items', async () => {
    expect(await first(fromIterable([]).pipe(repeat(2)))).toBe('complete');
    const none = Array.from({ length: 5000 }, () => fromIterable<number>([]));
    expect(await first(concat(...none, fromIterable([7])))).toBe(7);
  });

  const none$ = fromIterable<number>([]);
  it.each([
    ['behind it', () => concat(none$, of(1)).pipe(repeat(), take(8))],
    ['before it', () => merge(of(1), none$).pipe(repeat(), take(8))],
    ['of this package', () => concat(none$, fromIterable([1])).pipe(repeat(), take(8))],
    ['behind two', () => concat(concat(none$, none$), of(1)).pipe(repeat(), take(8))],
    ['above a prefetch', () => concat(none$, of(1)).pipe(prefetch(2), repeat(), take(8))],
    ['above the batches of a prefetch', () => concat(none$, of(1)).pipe(repeat(), batch(8), prefetch(2), take(1))],
  ])('is not an error if another source emits: %s', async (_where, make: () => Observable<number | number[]>) => {
    const ones = Array<number>(8).fill(1);
    expect(notifications(make()).flat()).toEqual([...ones, 'complete']);
    const items: (number | number[])[] = [];
    for await (const item of toAsyncIterable(make())) items.push(item);
    expect(items.flat()).toEqual(ones);
  });

  it('fails behind a pass in which another source has emitted', () => {
    let passes = 0;
    const source$ = defer(() => (passes++ < 5 ? concat(none$, of(1)) : none$));
    expect(notifications(source$.pipe(repeat()))).toEqual([1, 1, 1, 1, 1, isEmptyError('fromIterable')]);
  });

  it('is not an error for many consumers at the same time', async () => {
    expect(await Promise.all(Array.from({ length: 5 }, () => first(none$)))).toEqual(Array(5).fill('complete'));
  });

  it('ends one of several inputs with one warning, and the others continue', async () => {
    const none$ = (): Observable<number> => fromIterable<number>([]).pipe(repeat());
    const some$ = (): Observable<number> => fromIterable([1, 2, 3]).pipe(repeat());
    const found: unknown[] = [];
    const warnings = await collectWarnings(async () => {
      found.push(await first(sampleFromDatasets([some$(), none$()], { weights: [0.01, 0.99], seed: 1 })));
      found.push(await first(mergeChannels([none$(), some$()])));
    });
    expect(found).toEqual([1, 1]);
    expect(warnings.map(({ code, message }) => [code, message.split(' has ')[0]])).toEqual([
      ['MILLRACE_EMPTY_INPUT', 'sampleFromDatasets: 1'],
      ['MILLRACE_EMPTY_INPUT', 'mergeChannels: 0'],
    ]);
  });

  it('fails if all inputs are empty', async () => {
    const none$ = (): Observable<number> => fromIterable<number>([]).pipe(repeat());
    const both$ = sampleFromDatasets([none$(), none$()], { seed: 1 });
    await collectWarnings(async () => {
      await expect(first(both$)).rejects.toEqual(isEmptyError('fromIterable'));
    });
  });

  it('lets the event loop turn if each source is new', async () => {
    let made = 0;
    const source$ = defer(() => fromIterable(made++ < 2000 ? [] : [1]));
    expect(await first(source$.pipe(repeat()))).toBe(1);
  });

  it('lets the event loop turn if each operator of several sources is new', async () => {
    let hasTurned = false;
    setImmediate(() => (hasTurned = true));
    const source$ = defer(() => mergeChannels(hasTurned ? [of(1)] : []));
    expect(await first(source$.pipe(repeat()))).toBe(1);
  });

  it('does not take dropped items for nothing', () => {
    let items = 0;
    const late = filter(() => ++items > 10);
    expect(notifications(mergeChannels([of(1)]).pipe(late, repeat(), take(1)))).toEqual([1, 'complete']);
  });
});

describe('repeat() if all items are dropped', () => {
  /** Waits for the warning while nothing comes, and leaves. */
  function warningsOf(source$: Observable<unknown>): Promise<CollectedWarning[]> {
    return collectWarnings(async () => {
      const iterator = toAsyncIterable(source$.pipe(repeat()))[Symbol.asyncIterator]();
      void iterator.next();
      while (passes < 1200) await nextTurn();
      await iterator.return?.();
    });
  }
  let passes = 0;
  const none = filter((): boolean => false);
  const counted = <T>(source$: Observable<T>): Observable<T> => {
    passes = 0;
    return defer(() => {
      passes++;
      return source$;
    });
  };

  it.each([
    ['fromIterable', () => counted(fromIterable([1, 2, 3])).pipe(none)],
    ['fromIterable', () => counted(fromIterable([1, 2, 3])).pipe(none, prefetch(2))],
    ['decodeTextLine', () => counted(fromFile(file('a', 'x\\ny\\n'))).pipe(decodeTextLine(), none)],
    ['recordsFromFiles', () => counted(recordsFromFiles(file('a', 'x\\n'), { recordFormat: 'TextLine' })).pipe(none)],
  ])('warns once after a thousand times: %s', async (name, make: () => Observable<unknown>) => {
    const warnings = await warningsOf(make());
    expect(passes).toBeGreaterThanOrEqual(1000);
    expect(warnings).toEqual([
      { code: 'MILLRACE_FRUITLESS', message: expect.stringMatching(new RegExp(`^${name}.* has been read 1000 times`)) },
    ]);
  });

  const limit = 50_000;
  const promised = (): Observable<number> =>
    fromAsyncIterable({
      async *[Symbol.asyncIterator]() {
        if (++passes > limit) throw new Error('the event loop has not turned');
        yield await Promise.resolve(1);
      },
    });
  const untilNextTurn = (): MonoTypeOperatorFunction<number> => {
    let isTurned = false;
    setImmediate(() => (isTurned = true));
    return filter(() => isTurned);
  };

  it.each([
    ['one source', (): Observable<number> => promised()],
    ['another source each time', (): Observable<number> => defer(promised)],
  ])('lets the event loop turn, even with promises only: %s', async (_what, make) => {
    passes = 0;
    await collectWarnings(async () => {
      expect(await first(make().pipe(untilNextTurn(), repeat()))).toBe(1);
    });
    expect(passes).toBeLessThan(limit);
  });

  it('does not warn if many small passes emit few items', async () => {
    let items = 0;
    const warnings = await collectWarnings(async () => {
      let made = 0;
      const rare = filter<number>(() => ++made % 900 === 0);
      for await (const item of toAsyncIterable(fromIterable([1]).pipe(rare, repeat(5000)))) items += item;
    });
    expect([items, warnings]).toEqual([5, []]);
  });
});
