import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { timeSeries, type TimeSeriesOptions } from '../../operators/timeSeries.js';
import { unbatch } from '../../operators/unbatch.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

interface Golden {
  readonly rows: number;
  readonly length: number;
  readonly samplingRate: number;
  readonly shift: number;
  /** The distance from the start of a window to its target. */
  readonly startOffset: number;
  readonly windows: readonly (readonly [readonly number[][], readonly number[]])[];
}

const { timeSeries: cases } = fixtureJson('series/cases.json') as { readonly timeSeries: readonly Golden[] };
const float32 = (shape: readonly number[], values: readonly number[]): NDArray<'float32'> =>
  ndarray('float32', shape, Float32Array.from(values));
const scalar = (value: number): NDArray<'float32'> => float32([], [value]);
const numbersTo = (count: number): number[] => [...Array(count).keys()];
const table = (count: number): Observable<{ readonly a: NDArray<'float32'>; readonly b: NDArray<'int64'> }> =>
  fromIterable([
    {
      a: float32([count], numbersTo(count)),
      b: ndarray(
        'int64',
        [count],
        BigInt64Array.from(numbersTo(count), (value) => BigInt(value * 10)),
      ),
    },
  ]).pipe(unbatch());

function seriesOf(items: readonly unknown[], options: TimeSeriesOptions): unknown[] {
  return notifications(fromIterable(items).pipe(timeSeries(options)));
}

describe('timeSeries', () => {
  it('makes the windows and targets of Keras', () => {
    expect(cases.length).toBeGreaterThan(200);
    for (const { rows, length, samplingRate, shift, startOffset, windows } of cases) {
      const options = { length, samplingRate, shift, offset: startOffset - (length - 1) * samplingRate };
      const found = notifications(table(rows).pipe(timeSeries({ ...options, inputs: ['a', 'b'], targets: ['a'] })));
      const expected = windows.map(([xs, ys]) => ({ xs: float32([length, 2], xs.flat()), ys: float32([1], ys) }));
      expect(found).toEqual([...expected, 'complete']);
    }
  });

  it('has the rows that its options describe', () => {
    const option = fc.integer({ min: 1, max: 5 });
    const options = fc.record(
      { length: option, samplingRate: option, shift: option, offset: fc.nat(5), targetLength: option },
      { requiredKeys: ['length'] },
    );
    fc.assert(
      fc.property(fc.nat(40), options, (count, options) => {
        const { length, samplingRate = 1, shift = 1, offset = 1, targetLength } = options;
        const rows = numbersTo(count);
        const expected = rows
          .filter((start) => start % shift === 0)
          .map((start) => {
            const target = start + (length - 1) * samplingRate + offset;
            const ys = numbersTo(targetLength ?? 1).map((k) => target + k * samplingRate);
            return {
              xs: numbersTo(length).map((k) => start + k * samplingRate),
              ys: targetLength === undefined ? ys[0] : ys,
            };
          })
          .filter(({ xs, ys }) => Math.max(...xs, ...[ys].flat().map(Number)) < count);
        expect(seriesOf(rows, options)).toEqual([...expected, 'complete']);
      }),
    );
  });

  it('takes the next row as the target by default', () => {
    expect(seriesOf([0, 1, 2, 3], { length: 2 })).toEqual([{ xs: [0, 1], ys: 2 }, { xs: [1, 2], ys: 3 }, 'complete']);
  });

  it('takes the last input row as the target with offset 0, and earlier rows with a negative offset', () => {
    expect(seriesOf([0, 1, 2], { length: 3, offset: 0 })).toEqual([{ xs: [0, 1, 2], ys: 2 }, 'complete']);
    expect(seriesOf([0, 1, 2], { length: 3, offset: -2 })).toEqual([{ xs: [0, 1, 2], ys: 0 }, 'complete']);
  });

  it('emits several target rows with targetLength', () => {
    const found = notifications(table(4).pipe(timeSeries({ length: 2, targetLength: 2, targets: ['b', 'a'] })));
    const xs = { a: float32([2], [0, 1]), b: ndarray('int64', [2], BigInt64Array.of(0n, 10n)) };
    expect(found).toEqual([{ xs, ys: float32([2, 2], [20, 2, 30, 3]) }, 'complete']);
  });

  it('stacks whole rows, arrays or structures, without names', () => {
    const rows = [0, 1, 2].map((value) => float32([2], [value, value]));
    const xs = float32([2, 2], [0, 0, 1, 1]);
    expect(seriesOf(rows, { length: 2 })).toEqual([{ xs, ys: rows[2] }, 'complete']);
  });

  it('joins numbers, scalars and vectors', () => {
    const rows = [0, 1].map((value) => ({ plain: value, one: scalar(value), two: float32([2], [value, 9]) }));
    const [item] = seriesOf(rows, { length: 1, inputs: ['two', 'plain', 'one'], targets: ['plain'] });
    expect(item).toEqual({ xs: float32([1, 4], [0, 9, 0, 0]), ys: float32([1], [1]) });
  });

  it('infers the types of its items', () => {
    const named$: Observable<{ readonly xs: NDArray<'float32'>; readonly ys: NDArray<'float32'> }> = table(5).pipe(
      timeSeries({ length: 2, inputs: ['a'], targets: ['b'] }),
      batch(2),
    );
    const whole$: Observable<{ readonly xs: { readonly b: NDArray<'int64'> }; readonly ys: { readonly b: NDArray } }> =
      table(5).pipe(timeSeries({ length: 2 }));
    const several$: Observable<{ readonly xs: number[]; readonly ys: number[] }> = fromIterable([1, 2, 3]).pipe(
      timeSeries({ length: 1, targetLength: 2 }),
    );
    expect(notifications(several$)).toEqual([{ xs: [1], ys: [2, 3] }, 'complete']);
    expect(notifications(whole$)).toHaveLength(4);
    expect(notifications(named$)[0]).toEqual({
      xs: float32([2, 2, 1], [0, 1, 1, 2]),
      ys: float32([2, 1], [20, 30]),
    });
  });

  it('emits a window when its target arrives, and nothing incomplete', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-d-|');
      const subscribed = '  ^--------!';
      const expected = '    -----x-y-|';
      const values = { x: { xs: ['a', 'b'], ys: 'c' }, y: { xs: ['b', 'c'], ys: 'd' } };
      expectObservable(source.pipe(timeSeries({ length: 2 }))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('requests only the rows of the requested window', () => {
    const { numbers, made } = countedNumbers(9);
    const consumer = consumeByHand(fromIterable(numbers).pipe(timeSeries({ length: 3, shift: 2, offset: 2 })), {
      onItem: (_item, gate) => gate.close(),
    });
    for (const count of [5, 7, 9]) {
      consumer.gate.open();
      expect(made()).toBe(count);
    }
    consumer.subscription.unsubscribe();
    expect(consumer.gate.waiting).toBe(0);
  });

  it.each([
    [
      'a name that rows do not have',
      [{ a: 1 }],
      { inputs: ['b'] },
      'timeSeries: the item has no feature "b". It has the features "a".',
    ],
    ['text', [{ a: ndarray('bytes', [], [Buffer.from('x')]) }], { inputs: ['a'] }, 'a: expected numbers, found dtype'],
    [
      'a feature that is no number',
      [{ a: 'x' }],
      { targets: ['a'] },
      'timeSeries: a: expected a number or an NDArray of numbers, found "x"',
    ],
    ['rows without features', [5], { inputs: ['a'] }, 'timeSeries: expected an item with features, found 5'],
  ])('notifies a ValueError for %s', (_, rows, options, message) => {
    const error = { name: 'ValueError', message: expect.stringContaining(message) };
    expect(seriesOf(rows, { length: 1, ...options })).toEqual([expect.objectContaining(error)]);
  });

  it('notifies a ShapeError if a vector changes its length, also between windows', () => {
    const rows = [float32([1], [1]), float32([2], [1, 2]), scalar(1)].map((a) => ({ a }));
    const message = expect.stringMatching(
      /^timeSeries: a: expected 1 numbers .* found 2\. If the items are tables or batches, add unbatch\(\)/,
    );
    const error = { name: 'ShapeError', expected: [1], found: [2], message };
    for (const options of [{ length: 2 }, { length: 1 }]) {
      expect(seriesOf(rows, { ...options, inputs: ['a'] })).toEqual([expect.objectContaining(error)]);
    }
  });

  it.each([
    ['length', { length: 0 }],
    ['samplingRate', { length: 2, samplingRate: 0 }],
    ['shift', { length: 2, shift: 1.5 }],
    ['offset', { length: 3, samplingRate: 2, offset: -5 }],
    ['targetLength', { length: 2, targetLength: 0 }],
    ['inputs', { length: 2, inputs: [] }],
    ['targets', { length: 2, targets: 'a' as never }],
  ])('throws at the call for an invalid %s', (path, options) => {
    expect(() => timeSeries(options)).toThrow(expect.objectContaining({ path }));
  });
});
