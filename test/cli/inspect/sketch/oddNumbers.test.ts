import { describe, expect, it } from '@jest/globals';
import { histogramOf } from '../../../../src/cli/inspect/page/featureFacts.js';
import { FeatureSketch } from '../../../../src/cli/inspect/sketch/featureSketch.js';
import { NumberSketch } from '../../../../src/cli/inspect/sketch/numberSketch.js';

function sketchOf(values: readonly number[]): NumberSketch {
  const sketch = new NumberSketch(512);
  for (const value of values) sketch.add(value);
  return sketch;
}

describe('sketches of odd numbers', () => {
  it('have a mean and a histogram if the range exceeds that of float64', () => {
    for (const values of [
      [-1e308, 0, 1e308],
      [-1e308, 0.5, 1e308, -0.5],
    ]) {
      const sketch = sketchOf(values);
      expect(Math.abs(sketch.mean)).toBeLessThan(1e293);
      const { c: [counts = []] = [] } = histogramOf('values', [sketch], 3) ?? {};
      expect(counts).toEqual([values.length === 3 ? 100 : 50, 100, values.length === 3 ? 100 : 50]);
    }
  });

  it('have a histogram of the smallest numbers of float64', () => {
    expect(histogramOf('values', [sketchOf([0, 5e-324, 1e-323])], 2)).toMatchObject({ c: [[50, 100]] });
  });

  it('count the spellings of NaN and infinity in CSV as numbers', () => {
    const sketch = new FeatureSketch({ counted: 10, ranked: 8, texts: 1, images: 0 }, { left: 0 });
    for (const text of ['1.5', 'NaN', 'nan', '-inf', 'Infinity', 'information', 'Nancy']) sketch.addField(text);
    expect(sketch.kinds).toEqual({ number: 5, text: 2, image: 0, bytes: 0 });
    expect(sketch.numbers).toMatchObject({ count: 1, nans: 2, infinities: 2 });
    expect(sketch.frequent.all().map(({ value }) => value)).toContain('-inf');
  });
});
