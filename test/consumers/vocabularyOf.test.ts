import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Observable, map, of, tap, throwError } from 'rxjs';
import { prefetch } from '../../operators/prefetch.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { stringLookup } from '../../src/arrays/stringLookup.js';
import type { Texts } from '../../src/arrays/texts.js';
import { ConfigError, ValueError } from '../../src/base/errors.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { vocabularyOf, type VocabularyOptions } from '../../src/consumers/vocabularyOf.js';
import { fromAsyncIterable } from '../../src/sources/fromAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { nextTurn } from '../support/fifoWriter.js';
import { countedNumbers } from '../support/countedNumbers.js';

interface Golden {
  readonly batches: readonly (readonly string[])[];
  readonly maxTokens: number | null;
  readonly vocabulary: readonly string[];
}

const { vocabulary: cases } = fixtureJson('lookup/cases.json') as { readonly vocabulary: readonly Golden[] };

const bytesOf = (texts: readonly string[]) =>
  ndarray(
    'bytes',
    [texts.length],
    texts.map((text) => Buffer.from(text)),
  );

async function nextTurns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

describe('vocabularyOf', () => {
  it.each(cases.map((golden, index) => ({ ...golden, index })))(
    'returns the vocabulary of Keras: $index, at most $maxTokens texts',
    async ({ batches, maxTokens, vocabulary }) => {
      const options = { maxTokens: maxTokens ?? undefined };
      expect(await vocabularyOf(fromIterable(batches), options)).toEqual(vocabulary);
      expect(await vocabularyOf(fromIterable(batches.map(bytesOf)), options)).toEqual(vocabulary);
      expect(await vocabularyOf(fromIterable(batches.flat()), options)).toEqual(vocabulary);
    },
  );

  it('leaves out rare texts', async () => {
    const texts$ = fromIterable(['c', 'b', 'a', 'b', 'c', 'c']);
    expect(await vocabularyOf(texts$, { minCount: 2 })).toEqual(['c', 'b']);
    expect(await vocabularyOf(texts$, { minCount: 4 })).toEqual([]);
  });

  it('collects texts that stringLookup finds again, whatever they are', async () => {
    const unit = fc.constantFrom('grapheme', 'binary');
    const texts = unit.chain((kind) => fc.array(fc.string({ unit: kind as 'binary', maxLength: 3 }), { minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        const lookup = stringLookup(await vocabularyOf(of(values)), { numOovIndices: 0 });
        expect(lookup.invert(lookup(values).data)).toEqual(values);
        const counts = lookup.vocabulary.map((text) => values.filter((value) => value === text).length);
        expect(counts).toEqual([...counts].sort((a, b) => b - a));
      }),
    );
  });

  it('subscribes once, and only when it is called', async () => {
    const subscribed = jest.fn();
    const texts$ = new Observable<string>((destination) => {
      subscribed();
      destination.next('a');
      destination.complete();
    });
    expect(subscribed).not.toHaveBeenCalled();
    await vocabularyOf(texts$);
    expect(subscribed).toHaveBeenCalledTimes(1);
  });

  it('reads to the end although the gate of a surrounding pipeline is closed', async () => {
    async function* texts() {
      for (const text of ['a', 'b', 'a']) {
        await nextTurn();
        yield text;
      }
    }
    const inner: Promise<string[]>[] = [];
    const read = tap(() => inner.push(vocabularyOf(fromAsyncIterable({ [Symbol.asyncIterator]: texts }))));
    const outer = toAsyncIterable(fromIterable([1, 2]).pipe(read))[Symbol.asyncIterator]();
    await outer.next(); // the gate of the outer pipeline is closed now
    expect(await Promise.race([inner[0], nextTurns(20)])).toEqual(['a', 'b']);
    await outer.return?.();
  });

  it('takes items through boundaries without storing them', async () => {
    const { numbers, made } = countedNumbers(10_000);
    let most = 0;
    let seen = 0;
    const texts$ = fromIterable(numbers).pipe(
      prefetch(4),
      map((number) => {
        most = Math.max(most, made() - seen++);
        return number % 2 === 0 ? 'even' : 'odd';
      }),
    );
    expect(await vocabularyOf(texts$)).toEqual(['odd', 'even']);
    expect(most).toBeLessThanOrEqual(5);
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, 'vocabularyOf: item 1: expected a text, an array of texts or an NDArray of dtype bytes, found 5.'],
    ['a number in an array', ['b', 5], 'vocabularyOf: item 1: element 1: expected a text'],
    [
      'bytes that are not UTF-8',
      { dtype: 'bytes', shape: [], data: [Uint8Array.of(0xff, 0x41)] },
      'expected UTF-8, found "\u00ffA"',
    ],
  ])('rejects at an item that is not text: %s', async (_, item, message) => {
    const closed = jest.fn();
    const items$ = fromIterable(['a', item as Texts, 'c']).pipe(tap({ finalize: closed }));
    const failure = vocabularyOf(items$);
    await expect(failure).rejects.toThrow(ValueError);
    await expect(failure).rejects.toThrow(message);
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it('rejects with the error of the source', async () => {
    const error = new Error('of the source');
    await expect(vocabularyOf(throwError(() => error))).rejects.toBe(error);
  });

  it('throws at the call for an invalid argument', () => {
    const refused: [unknown, VocabularyOptions, string][] = [
      [['a'], {}, 'vocabularyOf: source$: expected an Observable, found an array'],
      [of('a'), { maxTokens: 0 }, 'vocabularyOf: maxTokens: expected a positive integer, found 0'],
      [of('a'), { minCount: 1.5 }, 'vocabularyOf: minCount: expected a positive integer, found 1.5'],
    ];
    for (const [source$, options, message] of refused) {
      const call = () => void vocabularyOf(source$ as Observable<string>, options);
      expect(call).toThrow(ConfigError);
      expect(call).toThrow(message);
    }
  });

  it('is empty for a source without items', async () => {
    expect(await vocabularyOf(fromIterable([]))).toEqual([]);
  });
});
