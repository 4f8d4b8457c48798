import { describe, expect, it } from '@jest/globals';
import { concat, of, throwError } from 'rxjs';
import { prefetch } from '../../operators/prefetch.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';

describe('prefetch', () => {
  it('changes nothing for a consumer that is always ready', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-(bc)-d-|');
      const subscribed = '^---------!';
      const expected = '  -a-(bc)-d-|';
      expectObservable(source.pipe(prefetch(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('holds up to its number of items', () => {
    const { numbers, made } = countedNumbers(100);
    const { gate, items } = consumeByHand(fromIterable(numbers).pipe(prefetch(10)));
    expect(made()).toBe(10);
    gate.open();
    expect(items.length).toBe(100);
  });

  it('holds items up to the limit in bytes', () => {
    const { numbers, made } = countedNumbers(100);
    consumeByHand(fromIterable(numbers).pipe(prefetch({ bytes: 100, sizeOf: () => 30 })));
    expect(made()).toBe(4);
  });

  it('obeys both limits, items and bytes', () => {
    const { numbers, made } = countedNumbers(100);
    consumeByHand(fromIterable(numbers).pipe(prefetch({ items: 3, bytes: 1000, sizeOf: () => 30 })));
    expect(made()).toBe(3);
  });

  it('measures typed arrays by default', () => {
    const { numbers, made } = countedNumbers(100);
    function* arrays(): Generator<Float32Array> {
      for (const number of numbers) yield new Float32Array(25).fill(number);
    }
    consumeByHand(fromIterable(arrays()).pipe(prefetch({ bytes: 250 })));
    expect(made()).toBe(3);
  });

  it('holds an item larger than the limit alone', () => {
    const { numbers } = countedNumbers(5);
    const { gate, items } = consumeByHand(fromIterable(numbers).pipe(prefetch({ bytes: 1, sizeOf: () => 30 })));
    gate.open();
    expect(items).toEqual([0, 1, 2, 3, 4]);
  });

  it('fails after the items that it holds', () => {
    const failing = concat(
      of(1, 2),
      throwError(() => new Error('source')),
    );
    const consumer = consumeByHand(failing.pipe(prefetch(8)));
    expect(consumer.ending()).toBeUndefined();
    consumer.gate.open();
    expect([consumer.items, consumer.ending()]).toEqual([[1, 2], new Error('source')]);
  });

  it('notifies an exception of sizeOf', () => {
    const sizeOf = (): number => {
      throw new Error('sizeOf');
    };
    expect(consumeByHand(of(1).pipe(prefetch({ bytes: 1, sizeOf }))).ending()).toEqual(new Error('sizeOf'));
  });

  it('throws at the call for an invalid limit', () => {
    for (const limit of [0, -1, 1.5, {}, { items: 0 }, { bytes: -1 }, { item: 1 }]) {
      expect(() => prefetch(limit as number)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
    }
  });
});
