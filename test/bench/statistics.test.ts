import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { median, round, slope, spread } from '../../bench/statistics.js';

describe('median', () => {
  it('is the middle figure in any order', () => {
    const figures = [1, 2, 3, 50, 1000];
    fc.assert(fc.property(fc.shuffledSubarray(figures, { minLength: 5 }), (order) => median(order) === 3));
  });
});

describe('median of an even number of figures', () => {
  it('is the mean of the two figures in the middle', () => {
    expect(median([9, 1, 2, 4])).toBe(3);
  });
});

describe('slope', () => {
  it('is the slope of the line that the points lie on', () => {
    const small = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(small, small, fc.uniqueArray(small, { minLength: 2 }), (a, b, xs) => {
        expect(slope(xs.map((x) => ({ x, y: a * x + b })))).toBeCloseTo(a, 6);
      }),
    );
  });

  it('leaves even noise out', () => {
    expect(slope([0, 1, 2, 3].map((x) => ({ x, y: x % 3 === 0 ? 1 : -1 })))).toBeCloseTo(0);
  });
});

describe('spread', () => {
  it('names the least and the greatest figure', () => {
    expect(spread([0.93, 0.814, 0.9], 2)).toBe('0.81–0.93');
  });
});

describe('round', () => {
  it('keeps so many digits', () => {
    expect(round(1.23456, 2)).toBe(1.23);
  });
});
