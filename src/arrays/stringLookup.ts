import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError, ValueError } from '../base/errors.js';
import { nearestName } from '../base/nearestName.js';
import { parseOptions, requireOptions } from '../base/parseOptions.js';
import { quote, quoteNames, showValue } from '../base/showValue.js';
import { markFresh } from './freshMemory.js';
import { isNDArray, TYPED_ARRAY_OF, uncheckedArray, type DataOf, type NDArray } from './ndarray.js';
import { textsOf, type Texts } from './texts.js';
import { TextTable } from './textTable.js';

/** The dtypes of class numbers. */
export type LookupDType = 'int32' | 'int64' | 'float32';

/** Options of {@link stringLookup}. */
export interface StringLookupOptions<D extends LookupDType = LookupDType> {
  /** With 1, all unknown texts get the same number. With 0, an unknown text is an error. Default: 1. */
  readonly numOovIndices?: 0 | 1 | undefined;
  /** A text that gets the number 0, for example the text of padding. Default: no text. */
  readonly maskToken?: string | undefined;
  /** The dtype of the class numbers. Default: `int32`. */
  readonly dtype?: D | undefined;
}

/** The function that {@link stringLookup} returns. */
export interface StringLookup<D extends LookupDType = 'int32'> {
  /** Converts texts to class numbers of the same shape, in new memory. */
  (values: Texts): NDArray<D>;
  /** The entry for each class number. The entry for texts that are not in the vocabulary is `[UNK]`. */
  readonly vocabulary: readonly string[];
  /**
   * Converts class numbers to texts, for example to print predictions.
   *
   * @throws ValueError if the argument is not an array, or if a number is not a class number.
   */
  readonly invert: (indices: ArrayLike<number | bigint>) => string[];
}

const text = lazy(() =>
  z.string().refine((value) => !/\p{Surrogate}/u.test(value), 'expected a text that UTF-8 can encode'),
);

export const stringLookupSchema = lazy(() =>
  z.strictObject({
    vocabulary: z
      .array(text())
      .min(1, 'expected at least one text')
      .describe('The texts, in the order of their numbers.'),
    numOovIndices: z
      .literal([0, 1])
      .default(1)
      .describe('With 1, all unknown texts get the same number. With 0, an unknown text is an error. Default: 1.'),
    maskToken: text().optional().describe('A text that gets the number 0. Default: no text.'),
    dtype: z
      .enum(['int32', 'int64', 'float32'])
      .default('int32')
      .describe('The dtype of the numbers. Default: "int32".'),
  }),
);

/**
 * Makes a function that converts texts to class numbers, like Keras' `StringLookup`.
 *
 * ```ts
 * import { oneHot, stringLookup } from 'millrace';
 *
 * const species = stringLookup(['setosa', 'virginica'], { numOovIndices: 0 });
 * const labels = species(['virginica', 'setosa']); // int32 1 0; also for one text or an NDArray<'bytes'>
 * const targets = oneHot(labels, species.vocabulary.length);
 * const names = species.invert(labels.data); // ['virginica', 'setosa']
 * ```
 *
 * Class number 0 is `maskToken`, if it is set. The next number is for all unknown texts (`[UNK]`), unless
 * `numOovIndices` is 0. The next numbers are for the vocabulary, in its order. For labels, set `numOovIndices: 0`.
 * Texts are compared as UTF-8 bytes. The vocabulary can begin with `maskToken` and `[UNK]`, like the property
 * `vocabulary` of the result.
 *
 * Unlike Keras, the default dtype is int32, because tfjs has no int64.
 *
 * The function throws a ValueError if a value is not text, or if `numOovIndices` is 0 and a text is unknown.
 *
 * @param vocabulary - different texts. `vocabularyOf` collects them from data.
 * @throws ConfigError if the vocabulary is empty or repeats a text, or if an option is invalid.
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/string_lookup/
 */
export function stringLookup<D extends LookupDType = 'int32'>(
  vocabulary: readonly string[],
  options: StringLookupOptions<D> = {},
): StringLookup<D> {
  requireOptions('stringLookup', options, '{ numOovIndices: 0 }');
  const checked = parseOptions('stringLookup', stringLookupSchema(), { ...options, vocabulary });
  const { numOovIndices, maskToken } = checked;
  const special = [...(maskToken === undefined ? [] : [maskToken]), ...(numOovIndices === 1 ? ['[UNK]'] : [])];
  const isWhole = special.every((token, index) => vocabulary[index] === token);
  const texts = isWhole ? checked.vocabulary : [...special, ...checked.vocabulary];
  const table = tableOf(texts);
  const dtype = checked.dtype as D;
  const lookup = (values: Texts): NDArray<D> => {
    const { shape, data } = textsOf('stringLookup', values);
    const numbers = new TYPED_ARRAY_OF[dtype](data.length);
    const convert = dtype === 'int64' ? BigInt : Number;
    data.forEach((value, at) => {
      const found = table.find(value);
      if (found < 0 && numOovIndices === 0) throw unknownText(value, at, texts);
      numbers[at] = convert(found < 0 ? special.length - 1 : found);
    });
    markFresh(numbers);
    return uncheckedArray(dtype, shape, numbers as DataOf[D]);
  };
  return Object.assign(lookup, { vocabulary: texts, invert: (indices: ArrayLike<unknown>) => textsAt(texts, indices) });
}

function tableOf(texts: readonly string[]): TextTable {
  const table = new TextTable();
  const repeated = texts.find((value, index) => table.add(Buffer.from(value)) < index);
  if (repeated === undefined) return table;
  const message = `expected different texts (also from maskToken and "[UNK]"), found ${quote(repeated)} twice`;
  throw new ConfigError(`stringLookup: vocabulary: ${message}. Remove one.`, { path: 'vocabulary' });
}

function textsAt(texts: readonly string[], indices: ArrayLike<unknown>): string[] {
  if (!Array.isArray(indices) && !ArrayBuffer.isView(indices)) {
    const remedy = isNDArray(indices) ? ' Pass its data.' : '';
    const message = `expected an array of class numbers, found ${showValue(indices)}.${remedy}`;
    throw new ValueError(`stringLookup.invert: ${message}`, { path: '' });
  }
  return Array.from(indices, (index, at) => {
    const found: unknown = texts[index as number];
    if (typeof found === 'string') return found;
    const expected = `a class number from 0 to ${texts.length - 1}`;
    const message = `stringLookup.invert: element ${at}: expected ${expected}, found ${showValue(index)}.`;
    throw new ValueError(message, { path: '' });
  });
}

function unknownText(text: Uint8Array, at: number, texts: readonly string[]): ValueError {
  const found = String(Buffer.from(text));
  const similar = nearestName(found, texts);
  const hint = similar === undefined ? '' : ` Did you mean ${quote(similar)}?`;
  const message =
    `stringLookup: element ${at}: expected one of ${quoteNames(texts)}, found ${quote(found)}.${hint} ` +
    'Add the text to the vocabulary, or set numOovIndices: 1 to give all unknown texts the same number.';
  return new ValueError(message, { path: '' });
}
