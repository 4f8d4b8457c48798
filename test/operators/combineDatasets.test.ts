import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY, NEVER, concat, map, of, throwError, toArray, type Observable } from 'rxjs';
import { chooseFromDatasets } from '../../operators/chooseFromDatasets.js';
import { interleave } from '../../operators/interleave.js';
import { mergeChannels } from '../../operators/mergeChannels.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

function collect<T>(source: Observable<T>): T[] {
  let items: T[] | undefined;
  source.pipe(toArray()).subscribe((all) => (items = all));
  return items ?? [];
}

const repeated = <T>(item: T, count: number): Observable<T> => fromIterable(Array<T>(count).fill(item));
const failing = concat(
  of('a'),
  throwError(() => 'source'),
);

function errorOf(source: Observable<unknown>): unknown {
  let found: unknown;
  source.subscribe({ error: (error: unknown) => (found = error) });
  return found;
}

describe('mergeChannels', () => {
  it('emits items as they arrive', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const first = hot(' a---b-|');
      const second = hot('--1---2-|');
      const expected = '  a-1-b-2-|';
      expectObservable(mergeChannels([first, second])).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe('^-----!');
    });
  });

  it('takes turns if several sources are ready', () => {
    expect(collect(mergeChannels([repeated('a', 4), repeated('b', 2)])).join('')).toBe('ababaa');
  });

  it('is empty without sources, and forwards the error of a source', () => {
    expect(collect(mergeChannels([]))).toEqual([]);
    expect(collect(mergeChannels([EMPTY, of(1)]))).toEqual([1]);
    expect(errorOf(mergeChannels([failing, NEVER]))).toBe('source');
  });

  it('asks each for one item', () => {
    const { numbers, made } = countedNumbers(100);
    const merged = mergeChannels([fromIterable(numbers), fromIterable(numbers)]);
    const consumer = consumeByHand(merged, { onItem: (_item, gate) => gate.close() });
    consumer.gate.open();
    expect([consumer.items, made()]).toEqual([[0], 2]);
    consumer.gate.open();
    expect([consumer.items, made()]).toEqual([[0, 0], 3]);
  });
});

describe('sampleFromDatasets', () => {
  const sample = (seed: number, weights?: number[]): string =>
    collect(sampleFromDatasets([repeated('a', 500), repeated('b', 500)], { seed, weights })).join('');
  const countOfA = (order: string): number => order.split('a').length - 1;

  it('emits every item once, in an order that depends only on the seed', () => {
    const order = sample(7);
    expect(countOfA(order)).toBe(500);
    expect(order.length).toBe(1000);
    expect(sample(7)).toBe(order);
    expect(sample(8)).not.toBe(order);
  });

  it('draws by weight', () => {
    const first = sample(7, [3, 1]).slice(0, 400);
    const share = countOfA(first) / 400;
    expect(Math.abs(share - 0.75)).toBeLessThan(0.08);
    expect(sample(7, [1, 0])).toBe('a'.repeat(500));
  });

  it('completes when an ended source is drawn, with stopOnEmptyDataset', () => {
    const order = collect(
      sampleFromDatasets([repeated('a', 5), repeated('b', 500)], { seed: 7, stopOnEmptyDataset: true }),
    );
    expect(order.filter((item) => item === 'a').length).toBe(5);
    expect(order.length).toBeLessThan(100);
  });

  it('requests items only from the drawn source', () => {
    const { numbers, made } = countedNumbers(100);
    const sampled = sampleFromDatasets([fromIterable(numbers), fromIterable(numbers)], { seed: 7 });
    const consumer = consumeByHand(sampled, { onItem: (_item, gate) => gate.close() });
    consumer.gate.open();
    expect(made()).toBe(1);
  });

  it('fails if a source fails, and throws at the call for bad options', () => {
    expect(errorOf(sampleFromDatasets([failing, failing], { seed: 7 }))).toBe('source');
    expect(() => sampleFromDatasets([EMPTY], { weights: [1, 2] })).toThrow(/one weight for each/);
    expect(() => sampleFromDatasets([EMPTY], { weights: [0] })).toThrow(/greater than 0/);
    expect(() => sampleFromDatasets([EMPTY], { seed: -1 })).toThrow(/seed/);
  });
});

describe('chooseFromDatasets', () => {
  const sources = [repeated('a', 2), repeated('b', 9), repeated('c', 9)];

  it('emits each item from the chosen source, and completes with the choices', () => {
    expect(collect(chooseFromDatasets(sources, of(0, 1, 2, 2, 1, 0))).join('')).toBe('abccba');
  });

  it('completes when an ended source is chosen, or skips that choice', () => {
    const choices = of(0, 1, 0, 1, 0, 1);
    expect(collect(chooseFromDatasets(sources, choices)).join('')).toBe('abab');
    expect(collect(chooseFromDatasets(sources, choices, { stopOnEmptyDataset: false })).join('')).toBe('ababb');
  });

  it('completes when all its sources have completed, for any number of choices', () => {
    const choices = concat(
      fromIterable(Array.from({ length: 40 }, (_, i) => i % 2)),
      throwError(() => 'a choice too many'),
    );
    const merged = chooseFromDatasets(sources.slice(0, 2), choices, { stopOnEmptyDataset: false });
    expect(collect(merged).join('')).toBe('ababbbbbbbb');
  });

  it('notifies an error for an invalid choice, and errors of all its sources', () => {
    expect(errorOf(chooseFromDatasets(sources, of(3)))).toMatchObject({ code: 'ERR_VALUE' });
    expect(errorOf(chooseFromDatasets([failing], of(0, 0)))).toBe('source');
    expect(
      errorOf(
        chooseFromDatasets(
          sources,
          throwError(() => 'choice'),
        ),
      ),
    ).toBe('choice');
  });

  it('lets the event loop turn, and warns once, while only ended sources are chosen', async () => {
    let chosen = 0;
    let hasTurned = false;
    setImmediate(() => (hasTurned = true));
    const choices = function* (): Generator<number> {
      while (!hasTurned || chosen <= 100_000) {
        chosen++;
        yield 0;
      }
      yield 1;
    };
    const choice$ = fromIterable({ [Symbol.iterator]: choices });
    const items: string[] = [];
    const warnings = await collectWarnings(async () => {
      const options = { stopOnEmptyDataset: false };
      for await (const item of toAsyncIterable(chooseFromDatasets([of('a'), of('b')], choice$, options)))
        items.push(item);
    });
    expect(items).toEqual(['a', 'b']);
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_FRUITLESS',
        message: expect.stringContaining('choice$ has chosen only sources that have ended, 100000 consecutive times'),
      },
    ]);
  });
});

/** The loop of TensorFlow's interleave, with arrays. */
function orderOfTensorFlow(streams: readonly string[][], cycleLength: number, blockLength: number): string[] {
  const order: string[] = [];
  const waiting = streams.map((stream) => [...stream]);
  const current: (string[] | undefined)[] = Array<undefined>(cycleLength).fill(undefined);
  let [place, taken] = [0, 0];
  while (waiting.length > 0 || current.some((stream) => stream)) {
    current[place] ??= waiting.shift();
    const item = current[place]?.shift();
    if (item === undefined) current[place] = undefined;
    else order.push(item);
    taken = item === undefined || taken + 1 === blockLength ? 0 : taken + 1;
    if (taken === 0) place = (place + 1) % cycleLength;
  }
  return order;
}

describe('interleave', () => {
  const cycle = (cycleLength: number, blockLength: number): string =>
    collect(
      fromIterable(['1', '2', '3', '4', '5']).pipe(
        interleave((item) => repeated(item, 3), { cycleLength, blockLength }),
      ),
    ).join('');

  it('reads blocks of its sources in turn, and replaces an ended one at its turn', () => {
    expect(cycle(2, 1)).toBe('121212343434555');
    expect(cycle(2, 4)).toBe('111222333444555');
    expect(cycle(3, 2)).toBe('112233123445545');
    expect(cycle(1, 1)).toBe('111222333444555');
    expect(cycle(9, 1)).toBe('123451234512345');
  });

  it('has the order that is shown in the documentation of tf.data', () => {
    const shown = collect(
      fromIterable([1, 2, 3, 4, 5]).pipe(interleave((item) => repeated(item, 6), { cycleLength: 2, blockLength: 4 })),
    );
    const expected = [1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5];
    expect(shown).toEqual(expected);
  });

  it('has the order of tf.data for sources of any length', () => {
    const anyCycle = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.array(fc.nat(6)), anyCycle, anyCycle, (lengths, cycleLength, blockLength) => {
        const streams = lengths.map((length, stream) => Array.from({ length }, (_, index) => `${stream}.${index}`));
        const interleaved = fromIterable(streams).pipe(interleave(fromIterable, { cycleLength, blockLength }));
        expect(collect(interleaved)).toEqual(orderOfTensorFlow(streams, cycleLength, blockLength));
      }),
    );
  });

  it('opens the whole cycle at once, and no more', () => {
    const opened: number[] = [];
    const { numbers, made } = countedNumbers(100);
    const interleaved = fromIterable(numbers).pipe(
      interleave(
        (item) => {
          opened.push(item);
          return NEVER.pipe(map(() => item));
        },
        { cycleLength: 3 },
      ),
    );
    const consumer = consumeByHand(interleaved);
    expect(made()).toBe(0);
    consumer.gate.open();
    expect([opened, made()]).toEqual([[0, 1, 2], 3]);
    consumer.subscription.unsubscribe();
  });

  it('requests one item of each open source, and replaces an ended one before its next turn', () => {
    const opened: number[] = [];
    const streams = [1, 3, 3].map((length) => countedNumbers(length));
    const interleaved = fromIterable([0, 1, 2]).pipe(
      interleave(
        (stream) => {
          opened.push(stream);
          return fromIterable(streams[stream]!.numbers);
        },
        { cycleLength: 2, blockLength: 2 },
      ),
    );
    const consumer = consumeByHand(interleaved, { onItem: (_item, gate) => gate.close() });
    const state = (): unknown[] => [consumer.items.at(-1), opened, streams.map(({ made }) => made())];
    consumer.gate.open();
    expect(state()).toEqual([0, [0, 1], [1, 1, 0]]);
    consumer.gate.open();
    expect(state()).toEqual([0, [0, 1, 2], [1, 1, 1]]);
    consumer.gate.open();
    expect(state()).toEqual([1, [0, 1, 2], [1, 2, 1]]);
    for (let i = 0; i < 4; i++) consumer.gate.open();
    expect(consumer.items).toEqual([0, 0, 1, 0, 1, 2, 2]);
  });

  it('does not search places without a source', () => {
    const cycleLength = Number.MAX_SAFE_INTEGER;
    expect(collect(fromIterable([1, 2]).pipe(interleave((item) => repeated(item, 2), { cycleLength })))).toEqual([
      1, 2, 1, 2,
    ]);
  });

  it('fails if a source or the function fails, and throws at the call for bad options', () => {
    expect(errorOf(of(1).pipe(interleave(() => failing)))).toBe('source');
    const throwing = (): Observable<never> => {
      throw new Error('project');
    };
    expect(errorOf(of(1).pipe(interleave(throwing)))).toEqual(new Error('project'));
    const throwsSecond = (item: number): Observable<string> => (item === 0 ? repeated('a', 2) : throwing());
    const options = { cycleLength: 2, blockLength: 2 };
    expect(notifications(of(0, 1).pipe(interleave(throwsSecond, options)))).toEqual(['a', 'a', new Error('project')]);
    expect(notifications(failing.pipe(interleave((item) => repeated(item, 2), options)))).toEqual(['a', 'a', 'source']);
    expect(() => interleave(() => EMPTY, { cycleLength: 0 })).toThrow(/cycleLength/);
  });
});
