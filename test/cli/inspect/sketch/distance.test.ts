import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../../src/base/seededRandom.js';
import { DataSketch, type SketchedRecords } from '../../../../src/cli/inspect/sketch/dataSketch.js';
import { compareFeatures, type Distance } from '../../../../src/cli/inspect/sketch/distance.js';
import type { SketchedValue } from '../../../../src/cli/inspect/sketch/featureSketch.js';

/** Each record has the values of the feature `x`. */
function recordsOf(...records: (readonly SketchedValue[])[]): SketchedRecords {
  const sketch = new DataSketch();
  for (const values of records) {
    sketch.records++;
    sketch.of('x')?.add(values);
  }
  return sketch.sketched((name) => ({ name, type: '' }));
}

const repeated = (counts: Readonly<Record<string, number>>): string[][] =>
  Object.entries(counts).flatMap(([value, count]) => Array.from({ length: count }, () => [value]));

function distanceBetween(one: SketchedRecords, other: SketchedRecords): Distance | undefined {
  return compareFeatures([one, other])[0]?.distance;
}

describe('compareFeatures', () => {
  it('compares numbers by the Kolmogorov-Smirnov statistic', () => {
    const numbers = (from: number): number[][] => Array.from({ length: 1000 }, (_, at) => [from + at + 0.5]);
    const distance = distanceBetween(recordsOf(...numbers(0)), recordsOf(...numbers(300)));
    expect(distance?.of).toBe('values');
    expect(distance?.distance).toBeCloseTo(0.3, 1);
  });

  it('compares texts by the total variation distance', () => {
    const one = recordsOf(...repeated({ a: 50, b: 30, c: 20 }));
    const other = recordsOf(...repeated({ a: 100, b: 60, d: 40 }));
    expect(distanceBetween(one, other)).toMatchObject({ distance: expect.closeTo(0.2), of: 'values' });
  });

  it('compares a few integers like categories, because their order may have no meaning', () => {
    const labels = (counts: readonly number[]): number[][] =>
      counts.flatMap((count, label) => Array.from({ length: count }, () => [label]));
    const one = recordsOf(...labels([100, 0, 100, 0]));
    const other = recordsOf(...labels([0, 100, 0, 100]));
    expect(distanceBetween(one, other)).toMatchObject({ distance: expect.closeTo(1), of: 'values' });
  });

  it.each<[Distance['of'], SketchedRecords, SketchedRecords]>([
    [
      'missing',
      recordsOf(...repeated({ a: 100 })),
      recordsOf(...repeated({ a: 50 }), ...Array.from({ length: 50 }, () => [])),
    ],
    ['counts', recordsOf(...repeated({ a: 90 })), recordsOf(...Array.from({ length: 90 }, () => ['a', 'a']))],
    ['types', recordsOf(...repeated({ a: 9 })), recordsOf(...Array.from({ length: 9 }, () => [1]))],
    [
      'lengths',
      recordsOf(...Array.from({ length: 90 }, (_, at) => [`${at}`])),
      recordsOf(...Array.from({ length: 90 }, (_, at) => [`text ${at}`])),
    ],
  ])('names the property that differs: %s', (of, one, other) => {
    expect(distanceBetween(one, other)?.of).toBe(of);
  });

  it('finds no difference between random samples of the same data', () => {
    const random = seededRandom(5, 0);
    const sample = (count: number, make: () => SketchedValue): SketchedRecords =>
      recordsOf(...Array.from({ length: count }, () => [make()]));
    const kinds: readonly (() => SketchedValue)[] = [
      () => random(1_000_000) / 7,
      () => random(10),
      () => `class ${random(30)}`,
      () => `id ${random(2 ** 40)}`,
    ];
    const excesses = kinds.flatMap((make) =>
      [10, 100, 3000].map((count) => {
        const { distance = 0, chance = 0 } = distanceBetween(sample(count, make), sample(2 * count, make)) ?? {};
        return distance - chance;
      }),
    );
    expect(excesses.filter((excess) => excess > 0)).toEqual([]);
  });

  it('puts features of one data set first, and those that differ by chance last', () => {
    const setOf = (values: Readonly<Record<string, readonly number[]>>): SketchedRecords => {
      const sketch = new DataSketch();
      sketch.records = 200;
      for (const [name, each] of Object.entries(values)) for (const value of each) sketch.of(name)?.add([value]);
      return sketch.sketched((name) => ({ name, type: 'int64' }));
    };
    const numbers = Array.from({ length: 200 }, (_, at) => at);
    const one = setOf({ same: numbers, shifted: numbers, removed: numbers });
    const other = setOf({ same: numbers, shifted: numbers.map((at) => at + 50), added: numbers });
    const compared = compareFeatures([one, other]);
    expect(compared.map(({ name }) => name)).toEqual(['removed', 'added', 'shifted', 'same']);
    expect(compared.map(({ distance }) => distance?.of)).toEqual(['presence', 'presence', 'values', 'values']);
  });
});
