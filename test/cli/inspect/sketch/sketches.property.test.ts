import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrequentValues } from '../../../../src/cli/inspect/sketch/frequentValues.js';
import { NumberSketch } from '../../../../src/cli/inspect/sketch/numberSketch.js';
import { QuantileSketch } from '../../../../src/cli/inspect/sketch/quantileSketch.js';
import { Reservoir } from '../../../../src/cli/inspect/sketch/reservoir.js';
import { seededRandom } from '../../../../src/base/seededRandom.js';

const CAPACITY = 512;
/** Three times the error that the paper measured for this size. */
const RANK_ERROR = 0.02;

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

function sketchOf(values: readonly number[], capacity = CAPACITY): QuantileSketch {
  const sketch = new QuantileSketch(capacity);
  for (const value of values) sketch.add(value);
  return sketch;
}

/** The exact Kolmogorov-Smirnov statistic. */
function exactDistance(one: readonly number[], other: readonly number[]): number {
  const shareUpTo = (values: readonly number[], end: number): number =>
    values.filter((value) => value <= end).length / values.length;
  return Math.max(...[...one, ...other].map((end) => Math.abs(shareUpTo(one, end) - shareUpTo(other, end))));
}

const ORDERS: readonly (readonly [string, (values: number[]) => number[]])[] = [
  ['random', (values) => values],
  ['ascending', (values) => values.sort((a, b) => a - b)],
  ['descending', (values) => values.sort((a, b) => b - a)],
];

describe('QuantileSketch', () => {
  it('holds all values as long as there are fewer than its capacity', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const sorted = values.toSorted((a, b) => a - b);
          const rank = Math.max(1, Math.ceil(share * values.length));
          expect(sketchOf(values).isExact).toBe(true);
          expect(sketchOf(values).ranks().quantile(share)).toBe(sorted[rank - 1]);
        },
      ),
    );
  });

  it('keeps the number of values, in bounded memory', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (count) => {
        const ranks = sketchOf(
          Array.from({ length: count }, (_, at) => at),
          32,
        ).ranks();
        expect(ranks.total).toBe(count);
        expect(ranks.values.length).toBeLessThan(4 * 32 + 8 * 16);
      }),
    );
  });

  it.each(ORDERS)('estimates the ranks of 100,000 values in %s order', (_, inOrder) => {
    const random = seededRandom(1, 0);
    const values = inOrder(Array.from({ length: 100_000 }, () => random(1_000_000)));
    const sketch = sketchOf(values);
    const sorted = Float64Array.from(values).sort();
    expect(sketch.isExact).toBe(false);
    for (const share of [0.01, 0.1, 0.5, 0.9, 0.99]) {
      const quantile = sketch.ranks().quantile(share);
      const rank = sorted.findIndex((value) => value >= quantile) / sorted.length;
      expect(Math.abs(rank - share)).toBeLessThan(RANK_ERROR);
    }
  });

  it('has the exact Kolmogorov-Smirnov distance of values that it holds', () => {
    const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const distance = sketchOf(one).ranks().distanceTo(sketchOf(other).ranks());
        expect(distance).toBeCloseTo(exactDistance(one, other), 10);
      }),
    );
  });

  it('counts each value of the range in one part of a histogram', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 200 }), (values) => {
        const exact = Array.from({ length: 10 }, () => 0);
        for (const value of values) if (value <= 50) exact[Math.min(9, Math.floor(value / 5))]! += 1;
        expect(sketchOf(values).ranks().histogram(0, 50, 10)).toEqual(exact);
      }),
    );
  });
});

describe('FrequentValues', () => {
  it('never counts too much, and misses at most `missed` of a value', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 })), fc.integer({ min: 1, max: 12 }), (values, capacity) => {
        const sketch = new FrequentValues<number>(capacity);
        const exact = new Map<number, number>();
        for (const value of values) {
          sketch.add(value);
          exact.set(value, (exact.get(value) ?? 0) + 1);
        }
        const found = new Map(sketch.all().map(({ value, count }) => [value, count]));
        expect(found.size).toBeLessThanOrEqual(capacity);
        expect(sketch.missed).toBeLessThanOrEqual(values.length / (capacity + 1));
        for (const [value, count] of exact) {
          expect(found.get(value) ?? 0).toBeLessThanOrEqual(count);
          expect(found.get(value) ?? 0).toBeGreaterThanOrEqual(count - sketch.missed);
        }
        if (exact.size <= capacity) expect(new Map(found)).toEqual(exact);
      }),
    );
  });
});

describe('NumberSketch', () => {
  it('has the exact extremes, mean and deviation', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (values) => {
        const sketch = new NumberSketch(8);
        for (const value of [...values, Number.NaN, Infinity, -Infinity]) sketch.add(value);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        expect([sketch.count, sketch.nans, sketch.infinities]).toEqual([values.length, 1, 2]);
        const extremes = [Math.min(...values), Math.max(...values)];
        // 0 and -0 are equal numbers.
        expect([sketch.min === extremes[0], sketch.max === extremes[1]]).toEqual([true, true]);
        expect(sketch.mean).toBeCloseTo(mean, 5);
        expect(sketch.deviation).toBeCloseTo(Math.sqrt(variance), 3);
      }),
    );
  });
});

describe('Reservoir', () => {
  it('holds each item with the same probability', () => {
    const counts = new Float64Array(20);
    for (let start = 0; start < 20; start++) {
      const sample = new Reservoir<number>(5);
      for (let at = 0; at < 20; at++) sample.add(() => (start + at) % 20);
      for (const item of sample.items) counts[item]! += 1;
      expect(sample.items).toHaveLength(5);
    }
    expect([...counts]).toEqual(Array.from({ length: 20 }, () => 5));
  });

  it('makes only the items that it takes', () => {
    const sample = new Reservoir<number>(2);
    let made = 0;
    for (let at = 0; at < 1000; at++) sample.add(() => ++made);
    expect(made).toBeLessThan(30);
  });
});
