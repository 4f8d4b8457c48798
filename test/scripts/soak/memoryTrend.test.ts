import { describe, expect, it } from '@jest/globals';
import { MemoryTrend } from '../../../scripts/soak/memoryTrend.js';
import { seededRandom } from '../../../src/base/seededRandom.js';

const MEBIBYTE = 2 ** 20;

function trendOf(samples: readonly (readonly [gib: number, mib: number])[]): MemoryTrend {
  const trend = new MemoryTrend();
  for (const [gib, mib] of samples) trend.add(gib, mib * MEBIBYTE);
  return trend;
}

describe('MemoryTrend', () => {
  it('finds the line that all samples lie on', () => {
    const { slope, rise, minMib, maxMib } = trendOf([0, 1, 2, 5].map((gib) => [gib, 100 + 3 * gib])).figures;
    expect([slope, rise, minMib, maxMib]).toEqual([expect.closeTo(3), expect.closeTo(15), 100, 115]);
  });

  it('sees a leak of 1 MiB a GiB through noise of 50, and none where there is none', () => {
    const random = seededRandom(1, 0);
    const noisy = (leak: number) =>
      trendOf(Array.from({ length: 4000 }, (_, i) => [i / 80, 200 + (leak * i) / 80 + random(50)])).figures.slope;
    expect(noisy(1)).toBeCloseTo(1, 0);
    expect(noisy(0)).toBeCloseTo(0, 0);
  });

  it('knows no slope before two samples lie apart', () => {
    expect(trendOf([]).figures).toEqual({ samples: 0, slope: 0, rise: 0, minMib: 0, maxMib: 0 });
    expect(trendOf([[1, 100]]).figures).toMatchObject({ samples: 1, slope: 0, rise: 0 });
    expect(
      trendOf([
        [1, 100],
        [1, 200],
      ]).figures,
    ).toMatchObject({ samples: 2, slope: 0 });
  });
});
