import { describe, expect, it } from '@jest/globals';
import { concat, of, throwError, type Observable } from 'rxjs';
import { flatMapSources } from '../../operators/flatMapSources.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

const failing = (...items: number[]): Observable<number> =>
  concat(
    fromIterable(items),
    throwError(() => 'broken'),
  );
const twice = (item: number): Observable<string> => fromIterable([`${item}a`, `${item}b`]);

describe('flatMapSources', () => {
  it('reads one source after the other, in the order of their items', () => {
    expect(notifications(fromIterable([1, 2, 3]).pipe(flatMapSources(twice)))).toEqual([
      ...['1a', '1b', '2a', '2b', '3a', '3b'],
      'complete',
    ]);
  });

  it('emits items as they arrive', () => {
    marbles(({ hot, cold, expectObservable }) => {
      const source = hot('-a--b---|');
      const sources = { a: cold('-1-2|'), b: cold('3|') } as Readonly<Record<string, Observable<string>>>;
      const expected = '  --1-23--|';
      expectObservable(source.pipe(flatMapSources((item) => sources[item] as Observable<string>))).toBe(expected);
    });
  });

  it('requests the next item when the previous source has ended', () => {
    const { numbers, made } = countedNumbers(100);
    const consumer = consumeByHand(fromIterable(numbers).pipe(flatMapSources(twice)), {
      onItem: (_item, gate) => gate.close(),
    });
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) {
      consumer.gate.open();
      seen.push(made());
    }
    expect(consumer.items).toEqual(['0a', '0b', '1a', '1b', '2a']);
    expect(seen).toEqual([1, 1, 2, 2, 3]);
  });

  it('emits all earlier results before the error of its outer source', () => {
    marbles(({ cold, expectObservable }) => {
      const outer = failing(1, 2);
      expectObservable(outer.pipe(flatMapSources((item) => cold(`--${item}|`)))).toBe('--1--2#', undefined, 'broken');
    });
  });

  it('fails if one of its sources or the function fails', () => {
    expect(notifications(fromIterable([1, 2]).pipe(flatMapSources(failing)))).toEqual([1, 'broken']);
    const faulty = flatMapSources((item: number): Observable<number> => {
      if (item === 2) throw new Error('no source');
      return of(item);
    });
    expect(notifications(fromIterable([1, 2]).pipe(faulty))).toEqual([1, new Error('no source')]);
  });

  it('throws at the call if the argument is not a function', () => {
    expect(() => flatMapSources(fromIterable([]) as never)).toThrow(/flatMapSources: expected a function/);
  });
});
