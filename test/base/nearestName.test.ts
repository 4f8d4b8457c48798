import { describe, expect, it } from '@jest/globals';
import { nearestName } from '../../src/base/nearestName.js';

const OPTIONS = ['size', 'dropRemainder', 'paddedShapes', 'paddingValues', 'seed'];

describe('nearestName', () => {
  it.each([
    ['drop_remainder', 'dropRemainder'],
    ['SEED', 'seed'],
    ['padedShapes', 'paddedShapes'],
    ['paddingValue', 'paddingValues'],
    ['sise', 'size'],
    ['szie', 'size'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearestName(name, OPTIONS)).toBe(meant);
  });

  it('takes a name of one or two letters only for its other case', () => {
    expect(nearestName('A', ['b', 'a', 'c'])).toBe('a');
    expect(nearestName('x', ['a', 'b', 'xy'])).toBeUndefined();
    expect(nearestName('x1', ['x2', 'x3'])).toBeUndefined();
  });

  it.each(['encoding', 'x', 'shuffle', ''])('finds none for %j', (name) => {
    expect(nearestName(name, OPTIONS)).toBeUndefined();
  });
});
