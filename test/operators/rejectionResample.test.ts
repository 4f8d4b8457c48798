import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { map, repeat, take } from 'rxjs';
import {
  createAcceptance,
  rejectionResample,
  type RejectionResampleOptions,
} from '../../operators/rejectionResample.js';
import { resumable } from '../../operators/resumable.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { seededRandom } from '../../src/base/seededRandom.js';
import type { Cursor } from '../../src/resume/cursor.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

interface Golden {
  readonly acceptance: readonly {
    readonly initial: readonly number[];
    readonly target: readonly number[];
    /** The probability of each class in the filtered dataset. */
    readonly accept: readonly number[];
    /** The probability to take an item of the original dataset instead. */
    readonly original: number;
  }[];
  /** The estimated shares after each 32 labels. */
  readonly estimates: readonly {
    readonly classes: number;
    readonly labels: readonly number[];
    readonly estimates: readonly (readonly number[])[];
  }[];
  readonly resampled: readonly {
    readonly initial: readonly number[];
    readonly target: readonly number[];
    readonly isKnown: boolean;
    readonly shares: readonly number[];
  }[];
}

const golden = fixtureJson('splits/cases.json') as Golden;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function labelsOf(initial: readonly number[], count: number, seed: number): number[] {
  const random = seededRandom(seed, 99);
  return Array.from({ length: count }, () => {
    let left = random(1e9) / 1e9;
    const found = initial.findIndex((share) => (left -= share) < 0);
    return found < 0 ? initial.length - 1 : found;
  });
}

function resample(labels: readonly number[], target: readonly number[], options: RejectionResampleOptions): number[] {
  const source = fromIterable(labels.map((label, index) => ({ label, index })));
  const seen = notifications(source.pipe(rejectionResample(({ label }) => label, target, options)));
  expect(seen.pop()).toBe('complete');
  return (seen as [number, { label: number; index: number }][]).map(([found, { label, index }]) => {
    expect(found).toBe(label);
    return index;
  });
}

/** The shares of the classes among the items at these indices. */
function sharesOf(labels: readonly number[], indices: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const index of indices) counts[labels[index]!]!++;
  return counts.map((count) => count / indices.length);
}

describe('rejectionResample', () => {
  it('emits pairs of the class and the item as they arrive', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-b-a-|');
      const subscribed = '  ^--------!';
      const expected = '    ---x-x---|';
      const classFunc = (letter: string): number => (letter === 'a' ? 0 : 1);
      const balanced$ = source.pipe(rejectionResample(classFunc, [0, 1], { initialDist: [0.5, 0.5] }));
      expectObservable(balanced$).toBe(expected, { x: [1, 'b'] });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  // TensorFlow takes an item of the original dataset with the probability m, and otherwise of the dataset that is
  // filtered with the probabilities a. Relative to the most frequent ratio, this is the probability of each item.
  it.each(golden.acceptance)('accepts like TensorFlow from $initial to $target', (found) => {
    const { initial, target, accept, original } = found;
    const accepted = sum(accept.map((a, index) => a * initial[index]!));
    const relative = accept.map((a) => original + ((1 - original) * a) / accepted);
    const acceptanceOf = createAcceptance(target, initial);
    for (const index of target.keys()) {
      expect(acceptanceOf(index)).toBeCloseTo(relative[index]! / Math.max(...relative), 5);
    }
  });

  it.each(golden.estimates)('estimates the shares of $classes classes like TensorFlow', (found) => {
    const { classes, labels, estimates } = found;
    const target = Array.from({ length: classes }, (_, index) => (2 * (index + 1)) / (classes * (classes + 1)));
    const acceptanceOf = createAcceptance(target);
    labels.forEach((label, index) => {
      const acceptance = acceptanceOf(label);
      const estimate = estimates[(index + 1) / 32 - 1];
      if (!estimate) return;
      const ratios = target.map((share, at) => share / estimate[at]!);
      expect(acceptance).toBeCloseTo(ratios[label]! / Math.max(...ratios), 5);
    });
    expect(estimates).toHaveLength(10);
  });

  it.each(golden.resampled)('has the shares of TensorFlow from $initial to $target, known: $isKnown', (found) => {
    const { initial, target, isKnown, shares } = found;
    const labels = labelsOf(initial, 20_000, 5);
    const indices = resample(labels, target, { seed: 7, initialDist: isKnown ? initial : undefined });
    // About 4,000 items: 0.04 are 5 standard deviations, of TensorFlow's random choices as well.
    sharesOf(labels, indices, initial.length).forEach((share, index) => {
      expect(Math.abs(share - target[index]!)).toBeLessThan(0.04);
      expect(Math.abs(share - shares[index]!)).toBeLessThan(0.06);
    });
    const most = Math.max(...target.map((share, index) => share / initial[index]!));
    const kept = indices.length / labels.length;
    expect(Math.abs(kept - 1 / most)).toBeLessThan(0.02);
  });

  it('emits each item once at most, in order, for any distribution', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(weights, fc.nat(), fc.boolean(), (counts, seed, isKnown) => {
        const initial = counts.map((count) => count / sum(counts));
        const target = initial.toReversed();
        const labels = labelsOf(initial, 100, seed);
        const options = { seed, initialDist: isKnown ? initial : undefined };
        const indices = resample(labels, target, options);
        expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
        expect(resample(labels, target, options)).toEqual(indices);
        if (isKnown) expect(resample(labels, initial, options)).toHaveLength(100);
      }),
    );
  });

  it('chooses by the seed, the epoch and the index of the item', () => {
    const labels = labelsOf([0.8, 0.2], 200, 3);
    const options = { initialDist: [0.8, 0.2], seed: 7 };
    const first = resample(labels, [0.5, 0.5], options);
    expect(resample(labels, [0.5, 0.5], { ...options, seed: 8 })).not.toEqual(first);
    // The choice of an item does not depend on the classes of the items before it.
    const others = labels.map((label, index) => (index < 100 ? 1 - label : label));
    expect(resample(others, [0.5, 0.5], options).filter((index) => index >= 100)).toEqual(
      first.filter((index) => index >= 100),
    );
    const operator = rejectionResample((item: [number, number]) => item[0], [0.5, 0.5], options);
    const items = labels.map((label, index): [number, number] => [label, index]);
    const seen = notifications(
      fromIterable(items).pipe(
        operator,
        map(([, [, index]]) => index),
        repeat(2),
      ),
    );
    expect(seen.slice(0, first.length)).toEqual(first);
    expect(seen.slice(first.length, -1)).not.toEqual(first);
  });

  it('continues after a cursor in the same epoch, with and without estimated shares', () => {
    const labels = labelsOf([0.8, 0.2], 100, 3);
    for (const initialDist of [undefined, [0.8, 0.2]]) {
      // A new operator each time, as in a new process.
      const run = (repeats: number, items = Infinity, cursor?: Cursor) => {
        const resume = resumable<[number, number]>({ cursor });
        const balanced$ = fromIterable(labels).pipe(
          rejectionResample((label) => label, [0.5, 0.5], { initialDist, seed: 7 }),
          resume,
          repeat(repeats),
          take(items),
        );
        return { seen: notifications(balanced$), cursor: resume.cursor() };
      };
      const first = run(1).seen.length - 1;
      const whole = run(2).seen;
      const { cursor } = run(2, first + 3);
      expect(cursor).toMatchObject({ epoch: 1, items: 3 });
      expect(run(1, Infinity, cursor).seen).toEqual(whole.slice(first + 3));
      expect(whole.length).toBeGreaterThan(first + 10);
    }
  });

  it.each<[string, (label: never) => unknown, string]>([
    ['a class above the last', () => 2, 'rejectionResample: expected a class from 0 to 1, found 2.'],
    ['a negative class', () => -1, 'found -1'],
    ['a fraction', () => 0.5, 'found 0.5'],
    ['text', () => '1', 'found "1"'],
    ['nothing', () => undefined, 'found nothing'],
  ])('notifies %s', (_name, classFunc, message) => {
    const operator = rejectionResample<number>(classFunc as () => number, [0.5, 0.5], { seed: 1 });
    expect(notifications(fromIterable([1]).pipe(operator))).toEqual([
      expect.objectContaining({ name: 'ValueError', message: expect.stringContaining(message) as unknown }),
    ]);
  });

  it('takes numbers, bigints and arrays of one element as classes', () => {
    const classes = [1, 1n, ndarray('int64', [], BigInt64Array.of(1n)), ndarray('uint8', [1], Uint8Array.of(1))];
    const operator = rejectionResample((item: (typeof classes)[number]) => item, [0, 1], { initialDist: [0.5, 0.5] });
    expect(notifications(fromIterable(classes).pipe(operator))).toEqual([
      ...classes.map((item) => [1, item]),
      'complete',
    ]);
  });

  it.each<[string, readonly number[], object, string]>([
    ['counts', [5, 5], {}, 'rejectionResample: targetDist: expected shares with a sum of 1, found a sum of 10'],
    ['no classes', [], {}, 'targetDist: expected shares with a sum of 1, found a sum of 0'],
    ['a negative share', [1.5, -0.5], {}, 'targetDist[1]: expected at least 0, found -0.5'],
    [
      'another number of classes',
      [0.5, 0.5],
      { initialDist: [1] },
      'initialDist: expected as many shares as targetDist',
    ],
    [
      'a class that is not in the source',
      [0.5, 0.5],
      { initialDist: [1, 0] },
      'initialDist: expected as many shares as targetDist, and a share above 0 for each class with a target above 0',
    ],
    ['another option', [0.5, 0.5], { initial: [1] }, 'unknown key "initial"'],
  ])('throws at the call for %s', (_name, target, options, message) => {
    expect(() => rejectionResample(() => 0, target, options)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) as unknown }),
    );
  });

  it('cannot be resumed without a seed', () => {
    const source = fromIterable([0]).pipe(
      rejectionResample((item) => item, [1]),
      resumable(),
    );
    const [error] = notifications(source);
    expect(error).toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining('Set the option "seed"') as unknown,
    });
  });
});
