import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, of, throwError } from 'rxjs';
import { groupByWindow, type GroupByWindowOptions } from '../../operators/groupByWindow.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

interface Golden {
  readonly keys: readonly number[];
  readonly windowSize: number | null;
  /** The size of the windows of each key, by the remainder of the key. */
  readonly sizes: readonly number[] | null;
  /** The indices of the items. */
  readonly windows: readonly (readonly number[])[];
}

const { groupByWindow: cases } = fixtureJson('series/cases.json') as { readonly groupByWindow: readonly Golden[] };

function groupsOf<T>(items: readonly T[], options: GroupByWindowOptions<T>): unknown[] {
  return notifications(fromIterable(items).pipe(groupByWindow(options)));
}

const byParity = { key: (item: number) => item % 2, windowSize: 2 };

describe('groupByWindow', () => {
  it.each(cases)('makes the windows of tf.data for $keys', ({ keys, windowSize, sizes, windows }) => {
    const found = groupsOf([...keys.keys()], {
      key: (index) => keys[index]!,
      windowSize: windowSize ?? ((key) => sizes![Number(key) % sizes!.length]!),
    });
    expect(found).toEqual([...windows, 'complete']);
  });

  it('emits every item once, in the order of the input within a key', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), fc.integer({ min: 1, max: 5 }), fc.boolean(), (keys, windowSize, isText) => {
        const items = keys.map((key, index) => ({ key: isText ? `k${key}` : BigInt(key), index }));
        const windows = groupsOf(items, { key: ({ key }) => key, windowSize }).slice(0, -1) as (typeof items)[];
        for (const key of new Set(items.map(({ key }) => key))) {
          const ofKey = windows.filter(([first]) => first?.key === key);
          expect(ofKey.flat()).toEqual(items.filter((item) => item.key === key));
          expect(ofKey.slice(0, -1).every(({ length }) => length === windowSize)).toBe(true);
        }
        expect(windows.flat()).toHaveLength(items.length);
      }),
    );
  });

  it('emits a full window at once, and incomplete windows at the end, in the order of the keys', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -c-a-b-a-a-|');
      const subscribed = '  ^----------!';
      const expected = '    -------w---(xyz|)';
      const values = { w: ['a', 'a'], x: ['a'], y: ['b'], z: ['c'] };
      expectObservable(source.pipe(groupByWindow({ key: (letter) => letter, windowSize: 2 }))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('stacks arrays', () => {
    const items = [1, 2].map((value) => ({ x: ndarray('int32', [1], Int32Array.of(value)) }));
    const expected = { x: ndarray('int32', [2, 1], Int32Array.of(1, 2)) };
    expect(groupsOf(items, { key: () => 0, windowSize: 2 })).toEqual([expected, 'complete']);
  });

  it('takes arrays of one element as keys', () => {
    const keys = [
      ndarray('bytes', [], [Buffer.from('b')]),
      ndarray('bytes', [1], [Buffer.from('a')]),
      ndarray('bytes', [], [Uint8Array.of(0xff)]),
      ndarray('bytes', [], [Uint8Array.of(0xfe)]),
      ndarray('bytes', [], [Buffer.from('b')]),
    ];
    const found = groupsOf([...keys.keys()], { key: (index) => keys[index]!, windowSize: 2 });
    expect(found).toEqual([[0, 4], [1], [3], [2], 'complete']);
  });

  it('calls windowSize with the key', () => {
    const counts = { key: (item: number) => BigInt(item), windowSize: (key: bigint) => Number(key) };
    expect(notifications(fromIterable([1, 2, 1, 2]).pipe(groupByWindow(counts)))).toEqual([
      [1],
      [1],
      [2, 2],
      'complete',
    ]);
  });

  it('drops incomplete windows with dropRemainder', () => {
    expect(groupsOf([0, 1, 2], { ...byParity, dropRemainder: true })).toEqual([[0, 2], 'complete']);
  });

  it('drops incomplete windows when its source fails', () => {
    const failing = concat(
      fromIterable([0, 1, 2]),
      throwError(() => 'source'),
    );
    expect(notifications(failing.pipe(groupByWindow(byParity)))).toEqual([[0, 2], 'source']);
  });

  it('requests no item while a window is full, and emits each remainder only when the gate is open', () => {
    const { numbers, made } = countedNumbers(6);
    const consumer = consumeByHand(fromIterable(numbers).pipe(groupByWindow(byParity)), {
      onItem: (_item, gate) => gate.close(),
    });
    expect(made()).toBe(3);
    for (const count of [4, 6, 6, 6]) {
      consumer.gate.open();
      expect(made()).toBe(count);
    }
    expect(consumer.items).toEqual([[0, 2], [1, 3], [4], [5]]);
    consumer.gate.open();
    expect(consumer.ending()).toBe('complete');
  });

  it('does not wait for a gate after it is unsubscribed', () => {
    const consumer = consumeByHand(of(0, 2).pipe(groupByWindow(byParity)));
    expect(consumer.gate.waiting).toBe(1);
    consumer.subscription.unsubscribe();
    expect(consumer.gate.waiting).toBe(0);
  });

  it('notifies a ValueError for one key more than maxOpenGroups', () => {
    const options = { key: (item: number) => item, windowSize: 2, maxOpenGroups: 2 };
    expect(groupsOf([1, 2, 1, 3, 3, 4], options)).toEqual([[1, 1], [3, 3], [2], [4], 'complete']);
    const error = { name: 'ValueError', message: expect.stringContaining('more than 2 incomplete groups') };
    expect(groupsOf([1, 2, 3], options)).toEqual([expect.objectContaining(error)]);
  });

  it.each([
    ['key', { key: () => NaN, windowSize: 2 }],
    ['key', { key: () => undefined as never, windowSize: 2 }],
    ['key', { key: () => ndarray('int32', [2], Int32Array.of(1, 2)), windowSize: 2 }],
    ['windowSize', { key: () => 1, windowSize: () => 0 }],
  ])('notifies a ValueError for an invalid %s', (what, options) => {
    const error = { name: 'ValueError', message: expect.stringContaining(`groupByWindow: ${what}: expected`) };
    expect(groupsOf([1], options)).toEqual([expect.objectContaining(error)]);
  });

  it.each([
    ['key', { key: 'label' as never, windowSize: 2 }],
    ['windowSize', { key: () => 1, windowSize: 0 }],
    ['maxOpenGroups', { ...byParity, maxOpenGroups: 0 }],
  ])('throws at the call for an invalid %s', (path, options) => {
    expect(() => groupByWindow(options)).toThrow(expect.objectContaining({ path }));
  });
});
