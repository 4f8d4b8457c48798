import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { map, pipe, type OperatorFunction } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { bucketBySequenceLength } from '../../operators/bucketBySequenceLength.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeLibsvm } from '../../operators/decodeLibsvm.js';
import { decodeTable } from '../../operators/decodeTable.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { paddedBatch } from '../../operators/paddedBatch.js';
import { rebatch } from '../../operators/rebatch.js';
import { split } from '../../operators/split.js';
import { unbatch } from '../../operators/unbatch.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { all } from './resuming.js';
import { notifications } from '../support/notifications.js';

const PARTS = { train: 0.8, validation: 0.2 };
const inTrain = (item: unknown): boolean => {
  const seen = notifications(fromIterable([item]).pipe(split<unknown>(PARTS, { part: 'train' })));
  expect(seen.at(-1)).toBe('complete');
  return seen.length === 2;
};

/** Of 300 different items, about 240 are in the part: 5 standard deviations are 35. */
function expectFraction(itemOf: (index: number) => unknown): void {
  const count = Array.from({ length: 300 }, (_, index) => inTrain(itemOf(index))).filter(Boolean).length;
  expect(Math.abs(count - 240)).toBeLessThan(35);
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const float32 = (shape: readonly number[], ...values: readonly number[]) =>
  ndarray('float32', shape, Float32Array.from(values));

class Private {
  readonly #value: number;
  constructor(value: number) {
    this.#value = value;
  }
  get value(): number {
    return this.#value;
  }
}

const kinds = { withTypedArray: true, withDate: true, withBigInt: true, withMap: true, withSet: true };
const anyItem = fc.object({ ...kinds, maxDepth: 2, maxKeys: 3 });

describe('split without by', () => {
  it.each<[string, (index: number) => unknown]>([
    ['a missing number beside others', (index) => ({ a: NaN, b: index })],
    ['a nested object', (index) => ({ xs: { a: index }, ys: 1 })],
    ['a boolean, null and nothing beside others', (index) => ({ a: true, b: null, c: undefined, d: index })],
    ['an array of numbers', (index) => [1, index, 3]],
    ['an array of objects', (index) => ({ a: [{ b: index }] })],
    ['a typed array', (index) => Float32Array.of(1, index)],
    ['int64 numbers', (index) => ({ a: BigInt64Array.of(BigInt(index)) })],
    ['an NDArray', (index) => float32([2], 1, index)],
    ['an NDArray of texts', (index) => ndarray('bytes', [2], [bytes('a'), bytes(String(index))])],
    ['a ragged array', (index) => ({ values: float32([2], 1, index), rowSplits: Int32Array.of(0, 2) })],
    ['a Map', (index) => new Map([['a', index]])],
    ['a Set', (index) => new Set([index])],
    ['a Date', (index) => new Date(index)],
    ['an ArrayBuffer', (index) => Int32Array.of(index).buffer],
    ['a DataView', (index) => new DataView(Int32Array.of(index).buffer)],
    ['an object without a prototype', (index) => Object.assign(Object.create(null) as object, { a: index })],
  ])('deals items with %s by their values', (_name, itemOf) => {
    expectFraction(itemOf);
  });

  it('puts equal structures into the same part, in any order of their names', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const turned = Object.fromEntries(Object.entries(item).reverse());
        expect(inTrain(turned)).toBe(inTrain(structuredClone(item)));
      }),
    );
  });

  it.each<[string, OperatorFunction<Uint8Array, unknown>[], string]>([
    ['decodeTable with a label', [decodeTable({ batchSize: 4, label: 'b' }), unbatch()], 'a,b\n'],
    [
      'decodeTable with missing numbers',
      [decodeTable({ batchSize: 4, columns: { a: { dtype: 'float32', default: NaN } } }), unbatch()],
      'a,b\n,7\n',
    ],
    ['decodeLibsvm', [pipe(decodeTextLine(), decodeLibsvm({ features: 9 }))], ''],
  ])('has a key for each item of %s', async (name, operators, head) => {
    const rows = Array.from({ length: 300 }, (_, index) =>
      name === 'decodeLibsvm' ? `1 3:${index} 5:1\n` : `${index},1\n`,
    ).join('');
    const items$ = operators.reduce(
      (source, operator) => source.pipe(operator as never),
      fromIterable([bytes(head + rows)]),
    );
    const kept = await all(items$.pipe(split<unknown>(PARTS, { part: 'train' })));
    expect(Math.abs(kept.length - 240)).toBeLessThan(36);
  });

  it.each<[string, unknown, string, string]>([
    ['a regular expression', /a/, '', 'found a RegExp'],
    ['a URL', { page: { url: new URL('http://a') } }, 'page.url', 'found a URL'],
    ['an object with private fields', { list: [new Private(1)] }, 'list[0]', 'found a Private'],
    ['a function', { run: () => 1 }, 'run', 'found the function "run"'],
    ['a WeakMap', new WeakMap(), '', 'found a WeakMap'],
    ['a Promise', { later: Promise.resolve(new Private(2).value) }, 'later', 'found a Promise'],
    ['a proxy', new Proxy({}, {}), '', 'found an object'],
  ])('fails for %s, and names the feature', (_name, item, path, found) => {
    const place = path === '' ? 'split' : `split: ${path}`;
    const [error] = notifications(fromIterable([item]).pipe(split<unknown>(PARTS, { part: 'train' }))) as [Error];
    expect(error).toMatchObject({ name: 'ValueError', path });
    expect(error.message.startsWith(`${place}: expected numbers, texts,`)).toBe(true);
    expect(error.message).toContain(`${found}. Set "by" to`);
  });

  it('ignores empty arrays, also those without memory', () => {
    expectFraction((index) => ({ a: index, b: structuredClone(new Uint8Array(0)), c: 1 }));
  });

  it('fails for an item that contains itself', () => {
    const item: { self?: unknown } = {};
    item.self = item;
    const [error] = notifications(fromIterable([item]).pipe(split<unknown>(PARTS, { part: 'train' })));
    expect(error).toMatchObject({
      name: 'ValueError',
      path: 'self',
      message: expect.stringContaining('contains itself'),
    });
  });
});

describe('split after an operator that makes batches', () => {
  const numbers = [1, 2, 3, 4].map((a) => ({ a: float32([], a), v: float32([1], a) }));
  const csv = [bytes('a,b\n1,2\n3,4\n')];
  const lines = ['1,2', '3,4'];
  const cases: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
    ['batch', numbers, [batch(2)]],
    ['batch', [bytes('a'), bytes('b')], [batch(2)]],
    ['batch', numbers, [batch(1), map(({ a }: { a: unknown }) => ({ a }))]],
    ['paddedBatch', numbers, [paddedBatch(2)]],
    ['rebatch', [{ a: float32([4], 1, 2, 3, 4) }], [rebatch(2)]],
    [
      'bucketBySequenceLength',
      numbers,
      [bucketBySequenceLength({ elementLength: () => 1, bucketBoundaries: [5], bucketBatchSizes: [2, 2] })],
    ],
    ['decodeTable', csv, [decodeTable({ batchSize: 2 })]],
    ['decodeTable', csv, [decodeTable({ batchSize: 2, label: 'b' })]],
    ['decodeCsv', lines, [batch(2), decodeCsv(['float32', 'float32'])]],
  ];
  const piped = (items: readonly unknown[], operators: readonly unknown[]) =>
    operators.reduce<ReturnType<typeof fromIterable>>(
      (source, next) => source.pipe(next as never),
      fromIterable(items),
    );

  it.each(cases)('fails after %s, and names the remedy', (maker, items, operators) => {
    const earlier = maker === 'decodeTable' ? '' : `Put split\\(\\) before ${maker}\\(\\), or `;
    const remedy = new RegExp(
      `^split: expected single items, .*${maker}\\(\\) has made\\. ${earlier}[Aa]dd unbatch\\(\\)`,
    );
    expect(notifications(piped(items, operators).pipe(split<unknown>(PARTS, { part: 'train' })))).toEqual([
      expect.objectContaining({ name: 'ValueError', message: expect.stringMatching(remedy) }),
    ]);
  });

  it('fails also if the key is a feature, even in a batch of one item', () => {
    const batches$ = piped(numbers, [batch(1)]);
    expect(notifications(batches$.pipe(split<unknown>(PARTS, { part: 'train', by: 'a' })))).toEqual([
      expect.objectContaining({ path: 'a', message: expect.stringContaining('Put split() before batch()') }),
    ]);
  });

  it.each(cases)('accepts the items of %s after unbatch', (_maker, items, operators) => {
    const rows$ = piped(items, [...operators, unbatch()]);
    expect(notifications(rows$.pipe(split({ all: 1 }, { part: 'all' })))).toEqual(notifications(rows$));
  });

  it('deals whole batches if by is a function', () => {
    const batches$ = piped(numbers, [batch(2)]);
    expect(notifications(batches$.pipe(split({ all: 1 }, { part: 'all', by: () => 1 })))).toHaveLength(3);
  });
});
