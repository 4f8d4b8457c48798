import { EMPTY, of } from 'rxjs';
import { ConfigError } from '../../src/base/errors.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromAsyncIterable } from '../../src/sources/fromAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { batch } from '../../operators/batch.js';
import { chooseFromDatasets } from '../../operators/chooseFromDatasets.js';
import { mergeChannels } from '../../operators/mergeChannels.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { shuffle } from '../../operators/shuffle.js';
import { zipChannels } from '../../operators/zipChannels.js';

/** Passes a value of any type as an argument. */
const wrong = (value: unknown): never => value as never;

function* generate(): Generator<number> {
  yield 1;
}

describe('an argument that is no source', () => {
  it.each<[string, () => unknown, string]>([
    ['zipChannels of nothing', () => zipChannels({}), 'zipChannels: expected at least one source, found none'],
    ['zipChannels of one Observable', () => zipChannels(wrong(EMPTY)), 'found an Observable'],
    [
      'zipChannels with an array',
      () => zipChannels({ a: EMPTY, b: wrong([1]) }),
      'zipChannels: sources.b: expected an Observable, found an array of length 1: wrap the value in fromIterable()',
    ],
    [
      'mergeChannels of an object',
      () => mergeChannels(wrong({ a: EMPTY })),
      'mergeChannels: sources: expected an array of Observables, found an object',
    ],
    [
      'mergeChannels with a name',
      () => mergeChannels([EMPTY, wrong('train')]),
      'sources[1]: expected an Observable, found "train"',
    ],
    ['sampleFromDatasets of nothing', () => sampleFromDatasets(wrong(undefined)), 'found nothing'],
    [
      'chooseFromDatasets with an array of choices',
      () => chooseFromDatasets([EMPTY], wrong([0])),
      'choice$: expected an Observable, found an array of length 1',
    ],
    [
      'toAsyncIterable of an array',
      () => toAsyncIterable(wrong([1])),
      'toAsyncIterable: expected an Observable, found an array of length 1',
    ],
    ['fromIterable of a number', () => fromIterable(wrong(5)), 'fromIterable: expected an iterable, found 5'],
    ['fromIterable of a generator function', () => fromIterable(wrong(generate)), '{ [Symbol.iterator]: f }'],
    [
      'fromAsyncIterable of an array',
      () => fromAsyncIterable(wrong([1])),
      'expected an async iterable, found an array of length 1',
    ],
  ])('is refused at the call: %s', (_, call, message) => {
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });

  it('is not accepted as an iterable of strings', () => {
    expect(() => fromIterable('ab')).not.toThrow();
  });
});

describe('options that are no object', () => {
  it.each<[string, () => unknown, string]>([
    ['shuffle', () => shuffle(6, wrong(7)), 'shuffle: expected options such as { seed: 7 }, found 7'],
    [
      'batch',
      () => of(1).pipe(batch(2, wrong(true))),
      'batch: expected options such as { dropRemainder: true }, found true',
    ],
  ])('are refused and not ignored by %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
