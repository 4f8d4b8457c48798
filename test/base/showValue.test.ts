import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { quote, showValue } from '../../src/base/showValue.js';

describe('showValue', () => {
  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [5n, '5n'],
    [NaN, 'NaN'],
    [-0, '-0'],
    ['a"\n\u200f', '"a\\"\\n\\u200f"'],
    [[], 'an empty array'],
    [[1n], 'an array of length 1'],
    [Float32Array.of(1, 2), 'a Float32Array of length 2'],
    [new ArrayBuffer(4), 'an ArrayBuffer'],
    [new Date(0), 'a Date'],
    [{ a: 1n }, 'an object'],
    [{ dtype: 'int32', shape: [2, 1], data: Int32Array.of(1, 2) }, 'an NDArray of dtype int32 and shape [2, 1]'],
    [{ dtype: 'x\n', shape: [], data: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [of(1), 'an Observable'],
    [
      function named(): undefined {
        return undefined;
      },
      'the function "named"',
    ],
    [Symbol('\u001b'), 'Symbol(\\u001b)'],
  ])('names a value in one line (%#)', (value, text) => {
    expect(showValue(value)).toBe(text);
  });
});

describe('quote', () => {
  it('cuts a text after 80 characters', () => {
    expect(quote('x'.repeat(1000))).toBe(`"${'x'.repeat(80)}…"`);
  });
});
