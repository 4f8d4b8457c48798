import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, ValueError } from '../../src/base/errors.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { oneHot } from '../../src/arrays/oneHot.js';
import { stringLookup, type StringLookup, type StringLookupOptions } from '../../src/arrays/stringLookup.js';
import type { Texts } from '../../src/arrays/texts.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { thrownBy } from '../formats/support/thrownBy.js';

interface Golden {
  readonly vocabulary: readonly string[];
  readonly numOovIndices: 0 | 1;
  readonly maskToken: string | null;
  readonly values: readonly string[];
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
  readonly all: readonly string[];
  readonly inverse: readonly string[];
}

const { lookup: cases } = fixtureJson('lookup/cases.json') as { readonly lookup: readonly Golden[] };

const bytes = (shape: readonly number[], texts: readonly string[]): NDArray<'bytes'> =>
  ndarray(
    'bytes',
    shape,
    texts.map((text) => Buffer.from(text)),
  );

describe('stringLookup', () => {
  it.each(cases.map((golden, index) => ({ ...golden, name: `${index}: ${golden.vocabulary.slice(0, 3).join()}` })))(
    'returns the numbers and texts of Keras: $name',
    ({ vocabulary, numOovIndices, maskToken, values, shape, numbers, all, inverse }) => {
      const lookup = stringLookup(vocabulary, { numOovIndices, maskToken: maskToken ?? undefined });
      expect(lookup(bytes(shape, values))).toEqual(ndarray('int32', shape, Int32Array.from(numbers)));
      expect(lookup(values)).toEqual(ndarray('int32', [values.length], Int32Array.from(numbers)));
      expect(lookup.vocabulary).toEqual(all);
      expect(lookup.invert(all.map((_, index) => index))).toEqual(inverse);
    },
  );

  it('converts one text, an array of texts, and arrays without elements', () => {
    const lookup = stringLookup(['a', 'b'], { numOovIndices: 0 });
    expect(lookup('b')).toEqual(ndarray('int32', [], Int32Array.of(1)));
    expect(lookup(['b', 'a'])).toEqual(ndarray('int32', [2], Int32Array.of(1, 0)));
    expect(lookup([])).toEqual(ndarray('int32', [0], new Int32Array(0)));
    expect(lookup(bytes([2, 0], []))).toEqual(ndarray('int32', [2, 0], new Int32Array(0)));
  });

  it('returns class numbers of the chosen dtype, also for oneHot', () => {
    const floats = stringLookup(['a', 'b'], { dtype: 'float32' });
    expect(floats(['b', 'x'])).toEqual(ndarray('float32', [2], Float32Array.of(2, 0)));
    const longs: StringLookup<'int64'> = stringLookup(['a', 'b'], { dtype: 'int64' });
    expect(longs('b')).toEqual(ndarray('int64', [], BigInt64Array.of(2n)));
    const classes: StringLookup = stringLookup(['a', 'b'], { numOovIndices: 0 });
    expect([...oneHot(classes(['b', 'a']), 2).data]).toEqual([0, 1, 1, 0]);
  });

  it('is the inverse of invert, for any vocabulary and options', () => {
    const texts = fc.uniqueArray(
      fc.string({ unit: 'grapheme' }).filter((text) => text !== '[UNK]'),
      { minLength: 1, maxLength: 60 },
    );
    const options = fc.record({
      numOovIndices: fc.constantFrom(0 as const, 1 as const),
      maskToken: fc.constantFrom(undefined, '<pad>'),
    });
    fc.assert(
      fc.property(texts, options, (vocabulary, chosen) => {
        const lookup = stringLookup(vocabulary, chosen);
        const numbers = lookup(lookup.vocabulary);
        expect([...numbers.data]).toEqual(lookup.vocabulary.map((_, index) => index));
        expect(lookup.invert(numbers.data)).toEqual(lookup.vocabulary);
        expect(lookup.vocabulary.slice(-vocabulary.length)).toEqual(vocabulary);
        // The whole vocabulary, as saved in a file, makes the same function.
        expect(stringLookup(lookup.vocabulary, chosen).vocabulary).toEqual(lookup.vocabulary);
      }),
    );
  });

  it('gives one number to all unknown texts, and their name to this number', () => {
    const lookup = stringLookup(['a'], { maskToken: '' });
    expect([...lookup(['x', 'y', '[UNK]', '', 'a']).data]).toEqual([1, 1, 1, 0, 2]);
    expect(lookup.invert(BigInt64Array.of(1n))).toEqual(['[UNK]']);
  });

  it.each<[string, Texts, string]>([
    ['one text', 'Cat', 'element 0: expected one of "cat", "dog", found "Cat". Did you mean "cat"? Add the text to'],
    [
      'an array',
      ['cat', 'cow'],
      'element 1: expected one of "cat", "dog", found "cow". Add the text to the vocabulary',
    ],
    ['an NDArray', bytes([2, 2], ['cat', 'dog', 'dog', '']), 'element 3: expected one of "cat", "dog", found "".'],
  ])('names an unknown text, its place and the remedy: %s', (_, values, message) => {
    const error = thrownBy(ValueError, () => stringLookup(['cat', 'dog'], { numOovIndices: 0 })(values));
    expect(error.message).toContain(`stringLookup: ${message}`);
    expect(error.message).toContain('set numOovIndices: 1');
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, 'stringLookup: expected a text, an array of texts or an NDArray of dtype bytes, found 5.'],
    [
      'an array with a number',
      ['a', 5],
      'stringLookup: element 1: expected a text, an array of texts or an NDArray of dtype bytes, found 5.',
    ],
    ['numbers', ndarray('int32', [1], Int32Array.of(1)), 'found an NDArray of dtype int32 and shape [1].'],
    [
      'a broken array',
      { dtype: 'bytes', shape: [2], data: [] },
      'stringLookup: expected 2 elements (shape [2]), found 0',
    ],
  ])('refuses values that are not text: %s', (_, values, message) => {
    const lookup = stringLookup(['a']);
    expect(thrownBy(ValueError, () => lookup(values as Texts)).message).toContain(message);
  });

  it.each<[string, readonly string[], StringLookupOptions, string]>([
    ['an empty vocabulary', [], {}, 'vocabulary: expected at least one text'],
    ['a repeated text', ['a', 'b', 'a'], {}, '"[UNK]"), found "a" twice. Remove one.'],
    ['the mask in the middle', ['a', 'pad'], { maskToken: 'pad' }, 'expected different texts (also from maskToken and'],
    ['the mask without [UNK]', ['pad', 'a'], { maskToken: 'pad' }, 'found "pad" twice'],
    ['half a surrogate pair', ['\ud83d'], {}, 'vocabulary[0]: expected a text that UTF-8 can encode'],
    ['two numbers for unknown texts', ['a'], { numOovIndices: 2 as 1 }, 'numOovIndices: expected one of 0|1, found 2'],
    ['an option of Python', ['a'], { num_oov_indices: 0 } as object, 'did you mean "numOovIndices"'],
  ])('refuses %s', (_, vocabulary, options, message) => {
    expect(thrownBy(ConfigError, () => stringLookup(vocabulary, options)).message).toContain(message);
  });

  it('inverts only class numbers', () => {
    const { invert } = stringLookup(['a', 'b'], { numOovIndices: 0 });
    const expected = 'expected a class number from 0 to 1, found';
    expect(() => invert([2])).toThrow(`stringLookup.invert: element 0: ${expected} 2.`);
    expect(() => invert([0, 0.5])).toThrow(`element 1: ${expected} 0.5.`);
    expect(() => invert([-1])).toThrow(ValueError);
    expect(() => invert(1 as never)).toThrow('stringLookup.invert: expected an array of class numbers, found 1.');
    expect(() => invert(stringLookup(['a'])(['a']) as never)).toThrow(
      'found an NDArray of dtype int32 and shape [1]. Pass its data.',
    );
    for (const value of [null, '', 'length', Symbol('s')]) {
      expect(() => invert([value] as never)).toThrow(expected);
    }
  });
});
