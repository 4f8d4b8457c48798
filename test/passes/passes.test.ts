import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  concat,
  defer,
  EMPTY,
  concatMap,
  defaultIfEmpty,
  filter,
  from,
  lastValueFrom,
  map,
  materialize,
  merge,
  mergeMap,
  of,
  range,
  repeat,
  retry,
  startWith,
  take,
  tap,
  toArray,
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

/** Waits for the end. Has no gate. */
const allNotifications = (source$: Observable<unknown>): Promise<unknown[]> =>
  lastValueFrom(
    source$.pipe(
      materialize(),
      map((note) => (note.kind === 'N' ? note.value : note.kind === 'E' ? (note.error as unknown) : 'complete')),
      toArray(),
    ),
  );

const allItems = async (source$: Observable<unknown>): Promise<unknown[]> => {
  const items: unknown[] = [];
  for await (const item of toAsyncIterable(source$)) items.push(item);
  return items;
};

const isEmptyError = (name: string): object =>
  expect.objectContaining({
    code: 'ERR_CHANNEL_EMPTY',
    message: expect.stringMatching(
      new RegExp(`^${name}.* had no item in 100 consecutive subscriptions\\. (?!.*never ends)`),
    ),
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
  ])('fails at the hundredth time: %s', async (_what, name, make: () => Observable<unknown>) => {
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
  ])(
    'fails at the hundredth time in an operator of several sources: %s',
    async (name, make: () => Observable<unknown>) => {
      await expect(first(make().pipe(repeat()))).rejects.toEqual(isEmptyError(name));
      expect(await allNotifications(make().pipe(repeat()))).toEqual([isEmptyError(name)]);
      expect(await first(make().pipe(repeat(2)))).toBe('complete');
    },
  );

  it('fails without a gate too', async () => {
    expect(await allNotifications(fromIterable([]).pipe(repeat()))).toEqual([isEmptyError('fromIterable')]);
  });

  it('is not an error for 99 epochs, or if a later source has items', async () => {
    expect(await first(fromIterable([]).pipe(repeat(99)))).toBe('complete');
    await expect(first(fromIterable([]).pipe(repeat(100)))).rejects.toEqual(isEmptyError('fromIterable'));
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

  it('fails behind a pass in which another source has emitted', async () => {
    let passes = 0;
    const source$ = defer(() => (passes++ < 5 ? concat(none$, of(1)) : none$));
    expect(await allNotifications(source$.pipe(repeat()))).toEqual([1, 1, 1, 1, 1, isEmptyError('fromIterable')]);
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
      let hasEnded = false;
      const ending$ = none$().pipe(tap({ error: () => (hasEnded = true) }));
      for await (const item of toAsyncIterable(mergeChannels([ending$, some$()]))) {
        if (hasEnded) {
          found.push(item);
          break;
        }
      }
    });
    expect(found).toEqual([1, expect.any(Number)]);
    expect(warnings.map(({ code, message }) => [code, message.split(' has ')[0]])).toEqual([
      ['MILLRACE_EMPTY_INPUT', 'sampleFromDatasets: source 1'],
      ['MILLRACE_EMPTY_INPUT', 'mergeChannels: source 0'],
    ]);
  });

  it('warns once about an empty input of a repeated operator', async () => {
    const ending$ = fromIterable<number>([]).pipe(repeat());
    const warnings = await collectWarnings(async () => {
      expect(await allItems(mergeChannels([ending$, of(1)]).pipe(repeat(3)))).toEqual([1, 1, 1]);
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_EMPTY_INPUT',
        message: expect.stringMatching(/^mergeChannels: source 0 has no items, .*fromIterable had no item in 100 /),
      },
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

/** Sources without items. Sources of files take longer. */
const NOTHINGS: readonly (readonly [string, () => Observable<number | string>])[] = [
  ['fromIterable', () => fromIterable<number>([])],
  ['fromFile', () => fromFile(file('a', '')).pipe(decodeTextLine({ encoding: 'utf8' }))],
  ['recordsFromFiles', () => recordsFromFiles(file('a', ''), { recordFormat: decodeTextLine({ encoding: 'utf8' }) })],
];

describe.each(NOTHINGS)('an empty source beside others: %s', (_name, nothing) => {
  const some = (): Observable<number | string> => fromIterable([1, 2]);
  const other = (): Observable<number | string> =>
    recordsFromFiles(file('b', 'x\ny\n'), { recordFormat: decodeTextLine({ encoding: 'utf8' }) });

  it.each([
    ['concat', 10, () => concat(nothing(), other())],
    ['concat, the empty one last', 10, () => concat(other(), nothing())],
    ['merge', 10, () => merge(other(), nothing())],
    ['merge into a prefetch', 10, () => merge(nothing(), other()).pipe(prefetch(2))],
    ['mergeChannels', 10, () => mergeChannels([nothing(), other()])],
    ['zipChannels longest', 10, () => zipChannels([nothing(), some()], { stop: 'longest' })],
    ['startWith', 5, () => nothing().pipe(startWith(0))],
    ['defaultIfEmpty', 5, () => nothing().pipe(defaultIfEmpty(0))],
  ])('emits all items of finite epochs: %s', async (_how, items, make: () => Observable<unknown>) => {
    expect(await allItems(make().pipe(repeat(5)))).toHaveLength(items);
  });

  it('emits more than a thousand epochs of the other source', async () => {
    const warnings = await collectWarnings(async () => {
      expect(await allItems(concat(nothing(), of(1)).pipe(repeat(1100)))).toHaveLength(1100);
      const dropped$ = concat(nothing(), some()).pipe(filter(() => false));
      expect(await allItems(concat(dropped$, of(1)).pipe(repeat(1100)))).toHaveLength(1100);
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['concat', (none$: Observable<unknown>) => concat(none$, none$, none$, none$, of(1))],
    ['flatMapSources', (none$: Observable<unknown>) => choices().pipe(flatMapSources((i) => (i ? of(i) : none$)))],
    ['interleave', (none$: Observable<unknown>) => choices().pipe(interleave((i) => (i ? of(i) : none$)))],
    ['concatMap', (none$: Observable<unknown>) => choices().pipe(concatMap((i) => (i ? of(i) : none$)))],
    ['mergeMap', (none$: Observable<unknown>) => choices().pipe(mergeMap((i) => (i ? of(i) : none$)))],
  ])('is read several times by one consumer: %s', async (_how, make) => {
    expect(await allItems(make(nothing()))).toEqual([1]);
  });
  const choices = (): Observable<number> => fromIterable([0, 0, 0, 0, 0, 1]);

  it('is read by many consumers, and by finite epochs', async () => {
    const none$ = nothing();
    for (let i = 0; i < 1100; i++) expect(await allItems(none$)).toEqual([]);
    expect(await allItems(none$.pipe(repeat(10)))).toEqual([]);
  });

  it('may be polled for ever', async () => {
    const polled$ = concat(nothing(), nothing()).pipe(repeat({ count: 1100, delay: () => from(nextTurn()) }));
    expect(await allItems(polled$)).toEqual([]);
  });

  it.each([
    ['repeat(), retry(1)', () => nothing().pipe(repeat(), retry(1))],
    ['retry(1), repeat()', () => nothing().pipe(retry(1), repeat())],
    ['retry(3), repeat()', () => nothing().pipe(retry(3), repeat())],
    ['repeat(), retry(3), repeat()', () => nothing().pipe(repeat(), retry(3), repeat())],
  ])('fails again after each retry: %s', async (_how, make: () => Observable<unknown>) => {
    await expect(first(make())).rejects.toEqual(isEmptyError(''));
    expect(await allNotifications(make())).toEqual([isEmptyError('')]);
  });

  it('is read again after a retry with a pause', async () => {
    const none$ = nothing();
    let failures = 0;
    const source$ = defer(() => (failures === 2 ? of(1) : none$.pipe(repeat()))).pipe(
      tap({ error: () => failures++ }),
      retry({ delay: () => from(nextTurn()) }),
    );
    expect(await allItems(source$)).toEqual([1]);
  });

  const repeatedly = (none$: Observable<unknown>) => range(150).pipe(concatMap(() => none$));
  it.each([
    ['repeat(200)', () => nothing().pipe(repeat(200))],
    ['concatMap', () => repeatedly(nothing())],
  ])('does not call a finite number of passes endless: %s', async (_how, make: () => Observable<unknown>) => {
    await expect(first(make())).rejects.toEqual(isEmptyError(''));
  });

  it.each([
    ['two of them', () => concat(nothing(), nothing()).pipe(repeat())],
    ['two of them above stages', () => concat(nothing(), nothing()).pipe(batch(2), prefetch(2), repeat())],
    ['two of them at the same time', () => merge(nothing(), nothing()).pipe(repeat())],
    ['one in two places', () => twice(nothing()).pipe(repeat())],
    ['a repeated repeat', () => nothing().pipe(repeat(2), repeat())],
    ['a repeated repeat above stages', () => nothing().pipe(batch(2), prefetch(2), repeat(2), repeat())],
    ['a repeated repeat of several', () => zipChannels([nothing(), fromIterable([])]).pipe(repeat(2), repeat())],
  ])('fails if an endless repeat is always empty: %s', async (_how, make: () => Observable<unknown>) => {
    await expect(first(make())).rejects.toEqual(isEmptyError(''));
  });
  const twice = (none$: Observable<unknown>): Observable<unknown> => concat(none$, none$);
});

describe('repeat() if all items are dropped', () => {
  /** Waits for a warning while no items arrive, then unsubscribes. */
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
      {
        code: 'MILLRACE_FRUITLESS',
        message: expect.stringMatching(new RegExp(`^${name}.* has been read 1000 consecutive times`)),
      },
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
