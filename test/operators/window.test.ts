import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, map, of, throwError } from 'rxjs';
import { window, type WindowOptions } from '../../operators/window.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

interface Golden {
  readonly length: number;
  readonly size: number;
  readonly shift: number | null;
  readonly stride: number;
  readonly dropRemainder: boolean;
  readonly windows: readonly (readonly number[])[];
}

interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface GoldenStructure {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly size: number;
  readonly shift: number;
  readonly windows: readonly { readonly x: GoldenArray; readonly y: GoldenArray }[];
}

const golden = fixtureJson('series/cases.json') as { readonly window: Golden[]; readonly structure: GoldenStructure };

const float32 = (shape: readonly number[], values: readonly number[]): NDArray<'float32'> =>
  ndarray('float32', shape, Float32Array.from(values));
const int64 = (shape: readonly number[], values: readonly number[]): NDArray<'int64'> =>
  ndarray('int64', shape, BigInt64Array.from(values, BigInt));

function windowsOf(items: readonly unknown[], size: number, options?: WindowOptions): unknown[] {
  return notifications(fromIterable(items).pipe(window(size, options)));
}

describe('window', () => {
  it('makes the windows that tf.data makes', () => {
    expect(golden.window.length).toBeGreaterThan(500);
    for (const { length, size, shift, windows, ...options } of golden.window) {
      const found = windowsOf([...Array(length).keys()], size, { shift: shift ?? undefined, ...options });
      expect(found).toEqual([...windows, 'complete']);
    }
  });

  it('stacks structures of arrays as tf.data does', () => {
    const { x, y, size, shift, windows } = golden.structure;
    const items = y.map((value, index) => ({ x: float32([2], x[index]!), y: int64([], [value]) }));
    const expected = windows.map(({ x, y }) => ({ x: float32(x.shape, x.data), y: int64(y.shape, y.data) }));
    expect(windowsOf(items, size, { shift })).toEqual([...expected, 'complete']);
  });

  it('has the items i * shift + k * stride', () => {
    const option = fc.integer({ min: 1, max: 7 });
    const options = fc.record({ shift: option, stride: option, dropRemainder: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(40), option, options, (count, size, { shift, stride, dropRemainder }) => {
        const items = [...Array(count).keys()];
        const expected = items
          .filter((start) => start % shift === 0)
          .map((start) => items.filter((item) => item >= start && (item - start) % stride === 0).slice(0, size))
          .filter(({ length }) => length === size || !dropRemainder);
        expect(windowsOf(items, size, { shift, stride, dropRemainder })).toEqual([...expected, 'complete']);
      }),
    );
  });

  it('emits a window when its last item arrives, and incomplete windows at the end', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-d-|');
      const subscribed = '  ^--------!';
      const expected = '    -----x-y-(zw|)';
      const values = { x: ['a', 'b', 'c'], y: ['b', 'c', 'd'], z: ['c', 'd'], w: ['d'] };
      expectObservable(source.pipe(window(3, { shift: 1 }))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('drops incomplete windows when its source fails', () => {
    marbles(({ hot, expectObservable }) => {
      expectObservable(hot('-a-b-#').pipe(window(2, { shift: 1 }))).toBe('---x-#', { x: ['a', 'b'] });
    });
  });

  it('emits all windows of a source that ignores demand', () => {
    const windows$ = of(0, 1, 2, 3).pipe(window(2, { shift: 1 }));
    const consumer = consumeByHand(windows$, { onItem: (_item, gate) => gate.close() });
    for (let opened = 0; opened < 5; opened++) consumer.gate.open();
    expect([consumer.items, consumer.ending()]).toEqual([[[0, 1], [1, 2], [2, 3], [3]], 'complete']);
  });

  it('requests only the items of the requested window', () => {
    const { numbers, made } = countedNumbers(9);
    const consumer = consumeByHand(fromIterable(numbers).pipe(window(3, { shift: 2 })), {
      onItem: (_item, gate) => gate.close(),
    });
    expect(made()).toBe(0);
    for (const count of [3, 5, 7, 9, 9]) {
      consumer.gate.open();
      expect(made()).toBe(count);
    }
    expect(consumer.items.at(-1)).toEqual([8]);
  });

  it('emits each incomplete window only when the gate is open', () => {
    const consumer = consumeByHand(fromIterable([0, 1, 2]).pipe(window(3, { shift: 1 })), {
      onItem: (_item, gate) => gate.close(),
    });
    for (const count of [1, 2, 3]) {
      consumer.gate.open();
      expect([consumer.items.length, consumer.ending()]).toEqual([count, undefined]);
    }
    consumer.gate.open();
    expect([consumer.items, consumer.ending()]).toEqual([[[0, 1, 2], [1, 2], [2]], 'complete']);
  });

  it('does not wait for a gate after it is unsubscribed', () => {
    const consumer = consumeByHand(of(1, 2).pipe(window(2, { shift: 1 })));
    expect(consumer.gate.waiting).toBe(1);
    consumer.subscription.unsubscribe();
    expect(consumer.gate.waiting).toBe(0);
  });

  it('copies arrays, so that overlapping windows share no memory', () => {
    const [first, second] = windowsOf(
      [1, 2, 3].map((value) => float32([1], [value])),
      2,
      { shift: 1 },
    );
    (first as NDArray<'float32'>).data.fill(0);
    expect(second).toEqual(float32([2, 1], [2, 3]));
  });

  it('notifies a ShapeError if shapes differ', () => {
    const items = [float32([1], [1]), float32([2], [1, 2])];
    const error = { name: 'ShapeError', message: expect.stringMatching(/^window: element 1 has shape/) };
    expect(windowsOf(items, 2)).toEqual([expect.objectContaining(error)]);
  });

  it('emits complete windows before the error of its source', () => {
    const failing = concat(
      fromIterable([0, 1, 2]),
      throwError(() => 'source'),
    );
    expect(notifications(failing.pipe(window(2, { shift: 1 })))).toEqual([[0, 1], [1, 2], 'source']);
  });

  it('starts again in each epoch', () => {
    const epoch$ = fromIterable([0, 1, 2]).pipe(
      window(2, { dropRemainder: true }),
      map((items) => items.join()),
    );
    expect(notifications(concat(epoch$, epoch$))).toEqual(['0,1', '0,1', 'complete']);
  });

  it.each<[string, number, WindowOptions]>([
    ['size', 0, {}],
    ['size', 1.5, {}],
    ['shift', 2, { shift: 0 }],
    ['stride', 2, { stride: -1 }],
    ['dropRemainder', 2, { dropRemainder: 1 as never }],
    ['options', 2, 3 as never],
  ])('throws at the call for an invalid %s', (path, size, options) => {
    expect(() => window(size, options)).toThrow(expect.objectContaining({ path }));
  });
});
