import { describe, expect, it } from '@jest/globals';
import { ndarray } from '../../../src/arrays/ndarray.js';
import { ValueError } from '../../../src/base/errors.js';
import { keyOfFeature } from '../../../src/pipeline/declared/keyOfFeature.js';

const key = keyOfFeature('groupByWindow', 'id');

describe('keyOfFeature', () => {
  it.each([
    ['a number', 3, 3],
    ['a text', 'a', 'a'],
    ['int64', ndarray('int64', [], BigInt64Array.of(5n)), 5n],
    ['float32', ndarray('float32', [1], Float32Array.of(0.5)), 0.5],
    ['bytes', ndarray('bytes', [], [Buffer.from('ab')]), 'ab'],
  ])('returns the value of %s', (_, id, expected) => {
    expect(key({ id })).toBe(expected);
  });

  it('returns different keys for different bytes, also if they are not UTF-8', () => {
    expect(key({ id: Uint8Array.of(0xff) })).not.toBe(key({ id: Uint8Array.of(0xfe) }));
  });

  it.each([
    ['several elements', ndarray('int32', [2], Int32Array.of(1, 2)), 'found an NDArray of shape [2]'],
    ['an object', {}, 'expected a number or text'],
  ])('refuses %s', (_, id, message) => {
    expect(() => key({ id })).toThrow(ValueError);
    expect(() => key({ id })).toThrow(message);
  });
});
