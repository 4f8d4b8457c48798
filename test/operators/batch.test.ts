import { describe, expect, it } from '@jest/globals';
import { map, merge, of } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

describe('batch', () => {
  it('combines consecutive items, also the remainder at the end', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-d-e-|');
      const subscribed = '  ^----------!';
      const expected = '    ---x---y---(z|)';
      const values = { x: ['a', 'b'], y: ['c', 'd'], z: ['e'] };
      expectObservable(source.pipe(batch(2))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('drops the remainder with dropRemainder', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('-a-b-c-|');
      const expected = '  ---x---|';
      expectObservable(source.pipe(batch(2, { dropRemainder: true }))).toBe(expected, { x: ['a', 'b'] });
    });
  });

  it('drops the incomplete batch when its source fails', () => {
    marbles(({ hot, expectObservable }) => {
      expectObservable(hot('-a-#').pipe(batch(2))).toBe('---#');
    });
  });

  it('stacks arrays on a new first axis', () => {
    const pixels = (value: number): NDArray<'uint8'> => ndarray('uint8', [2], Uint8Array.of(value, value));
    const seen: unknown[] = [];
    of(1, 2, 3)
      .pipe(
        map((value) => ({ x: pixels(value), id: String(value) })),
        batch(2),
      )
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual([
      { x: ndarray('uint8', [2, 2], Uint8Array.of(1, 1, 2, 2)), id: ['1', '2'] },
      { x: ndarray('uint8', [1, 2], Uint8Array.of(3, 3)), id: ['3'] },
    ]);
  });

  it('notifies a ShapeError if shapes differ', () => {
    const shapes = [ndarray('uint8', [1], Uint8Array.of(1)), ndarray('uint8', [2], Uint8Array.of(1, 2))];
    const errors: unknown[] = [];
    fromIterable(shapes)
      .pipe(batch(2))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ name: 'ShapeError', expected: [1], found: [2] })]);
  });

  it('notifies a ValueError with the path if only some items have a part', () => {
    const x = ndarray('uint8', [], Uint8Array.of(1));
    const items: unknown[] = [{ x }, { x, b: x }];
    const error = expect.objectContaining({
      name: 'ValueError',
      path: 'b',
      message: expect.stringMatching(/^batch: /),
    });
    expect(notifications(fromIterable(items).pipe(batch(2)))).toEqual([error]);
    expect(notifications(fromIterable(items.toReversed()).pipe(batch(2)))).toEqual([error]);
  });

  it('emits the remainder only when the gate is open', () => {
    const remainders = merge(of(1).pipe(batch(2)), of(2).pipe(batch(2)));
    const consumer = consumeByHand(remainders, { isOpen: true, onItem: (_item, gate) => gate.close() });
    expect([consumer.items, consumer.ending()]).toEqual([[[1]], undefined]);
    consumer.gate.open();
    expect([consumer.items, consumer.ending()]).toEqual([[[1], [2]], 'complete']);
  });

  it('does not wait for a gate after it is unsubscribed with a remainder', () => {
    const consumer = consumeByHand(of(1).pipe(batch(2)));
    expect(consumer.gate.waiting).toBe(1);
    consumer.subscription.unsubscribe();
    expect(consumer.gate.waiting).toBe(0);
  });

  it('throws at the call for an invalid size', () => {
    for (const size of [0, -1, 1.5, NaN]) expect(() => batch(size)).toThrow(expect.objectContaining({ path: 'size' }));
  });
});
