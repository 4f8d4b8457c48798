import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { of } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { resumable } from '../../operators/resumable.js';
import { shard } from '../../operators/shard.js';
import { shuffle } from '../../operators/shuffle.js';
import { split, type SplitKey, type SplitOptions } from '../../operators/split.js';
import { unbatch } from '../../operators/unbatch.js';
import { ndarray } from '../../src/arrays/ndarray.js';
import type { Cursor } from '../../src/resume/cursor.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

type Parts = Readonly<Record<string, number>>;

const { split: golden } = fixtureJson('splits/cases.json') as {
  readonly split: readonly { readonly key: string; readonly seed: number; readonly point: number }[];
};

const PARTS = { train: 0.8, validation: 0.2 };

function partOf<T>(items: readonly T[], parts: Parts, options: SplitOptions<T>): T[] {
  return notifications(fromIterable(items).pipe(split<T>(parts, options))).slice(0, -1) as T[];
}

/** Every part, by its name. */
function partsOf<T>(items: readonly T[], parts: Parts, options: Omit<SplitOptions<T>, 'part'> = {}) {
  return new Map(Object.keys(parts).map((part) => [part, partOf(items, parts, { ...options, part })]));
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `record ${index}`);

const byBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

/** One to five fractions with the sum 1 or less. */
const anyParts = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 50 }))
  .map(([weights, rest]): Parts => {
    const sum = weights.reduce((a, b) => a + b, rest);
    return Object.fromEntries(weights.map((weight, index) => [`p${index}`, weight / sum]));
  });

const anyKeys = fc.uniqueArray(fc.uint8Array({ maxLength: 12 }), {
  maxLength: 60,
  selector: (bytes) => Buffer.from(bytes).toString('hex'),
});

describe('split', () => {
  it('keeps the items of a part as they arrive', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-(bc)-d-e-|');
      const subscribed = '  ^-----------!';
      const by = (letter: string): string => letter;
      expectObservable(source.pipe(split({ half: 0.5 }, { part: 'half', by }))).toBe('-a-(bc)---e-|');
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('puts each key at the point of zlib and Python', () => {
    for (const { key, seed, point } of golden) {
      const record = Buffer.from(key, 'hex');
      const countIn = (part: string, parts: Parts) => partOf([record], parts, { part, seed }).length;
      // The part begins at its lower limit, and ends before its upper limit.
      const limits = point === 0 ? [0, 1] : [countIn('a', { a: point }), countIn('b', { a: point, b: 1 - point })];
      expect([key, seed, ...limits, countIn('a', { a: point + 2 ** -32 })]).toEqual([key, seed, 0, 1, 1]);
    }
  });

  it('has each item in exactly one part, if the sum is 1, in any order, batches and shards', () => {
    fc.assert(
      fc.property(anyKeys, anyParts, fc.nat(), fc.integer({ min: 1, max: 7 }), (keys, parts, seed, size) => {
        const whole = { ...parts, rest: Math.max(1 - Object.values(parts).reduce((a, b) => a + b, 0), 1e-12) };
        const found = partsOf(keys, whole, { seed });
        expect([...found.values()].flat().sort(byBytes)).toEqual([...keys].sort(byBytes));
        for (const [part, kept] of found) {
          const cut = split<Uint8Array>(whole, { part, seed });
          const shuffled$ = fromIterable(keys).pipe(shuffle(9, { seed: size }), batch(size), unbatch(), cut);
          const shuffled = notifications(shuffled$).slice(0, -1) as Uint8Array[];
          expect(shuffled.sort(byBytes)).toEqual([...kept].sort(byBytes));
          const ofHosts = [0, 1].flatMap((index) =>
            notifications(fromIterable(keys).pipe(shard({ count: 2, index }), cut)).slice(0, -1),
          ) as Uint8Array[];
          expect(ofHosts.sort(byBytes)).toEqual([...kept].sort(byBytes));
        }
      }),
    );
  });

  it('does not move items if a part is added at the end, or if its fraction changes', () => {
    fc.assert(
      fc.property(anyKeys, anyParts, fc.double({ min: 1e-6, max: 1, noNaN: true }), (keys, parts, share) => {
        const rest = 1 - Object.values(parts).reduce((a, b) => a + b, 0);
        fc.pre(rest > 0);
        const before = partsOf(keys, parts);
        const after = partsOf(keys, { ...parts, added: rest * share });
        for (const [part, items] of before) expect(after.get(part)).toEqual(items);
      }),
    );
  });

  // The number of the items in a part has a binomial distribution: 5 standard deviations are exceeded once in 1.7
  // million parts.
  it.each([
    ['texts that count', (index: number) => `${index}`],
    ['texts with zeros', (index: number) => String(index).padStart(12, '0')],
    ['bytes that count', (index: number) => Uint8Array.of(index, index >> 8, index >> 16)],
    ['zeros of another length', (index: number) => new Uint8Array(index)],
    [
      'one set bit',
      (index: number) => Uint8Array.from({ length: 1250 }, (_, i) => (i === index >> 3 ? 1 << (index & 7) : 0)),
    ],
    ['powers of two', (index: number) => 2n ** BigInt(index % 2000)],
  ])('has about the given fractions of %s', (name, keyOf) => {
    const count = name === 'powers of two' ? 2000 : 10_000;
    const keys = Array.from({ length: count }, (_, index) => keyOf(index));
    const parts = { train: 0.7, validation: 0.2, test: 0.1 };
    for (const seed of [0, 1, 2, 3, 0xffff_ffff]) {
      for (const [part, { length }] of partsOf<SplitKey>(keys, parts, { by: (key) => key, seed })) {
        const share = parts[part as keyof typeof parts];
        const deviation = Math.sqrt(count * share * (1 - share));
        expect(Math.abs(length - count * share)).toBeLessThan(5 * deviation);
      }
    }
  });

  it('makes an independent split with another seed', () => {
    const count = 20_000;
    for (const [first, second] of [
      [0, 1],
      [1, 2],
      [7, 8],
      [0, 0x8000_0000],
    ] as const) {
      const inFirst = new Set(partOf(names(count), { a: 0.2 }, { part: 'a', seed: first }));
      const inBoth = partOf([...inFirst], { a: 0.2 }, { part: 'a', seed: second }).length;
      const deviation = Math.sqrt(inFirst.size * 0.2 * 0.8);
      expect(Math.abs(inBoth - inFirst.size * 0.2)).toBeLessThan(5 * deviation);
    }
  });

  it('puts equal keys into one part, as text, numbers, bytes or arrays', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), fc.nat(), (key, seed) => {
        const forms: SplitKey[] = [
          key,
          Number(key),
          String(key),
          Buffer.from(String(key)),
          ndarray('int64', [], BigInt64Array.of(key)),
          ndarray('float64', [1], Float64Array.of(Number(key))),
          ndarray('bytes', [], [Buffer.from(String(key))]),
        ];
        const lengths = [...partsOf(forms, PARTS, { by: (form) => form, seed }).values()].map(({ length }) => length);
        expect(lengths.sort()).toEqual([0, forms.length]);
        const items = forms.map((id) => ({ id }));
        expect([...partsOf(items, PARTS, { by: 'id', seed }).values()].map(({ length }) => length).sort()).toEqual(
          lengths,
        );
      }),
    );
    expect(partsOf([-0, 0], PARTS, { by: (key) => key }).get('train')).not.toHaveLength(1);
  });

  it('uses all features of an item as its key, in any order', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      id: i % 100,
      name: ndarray('bytes', [2], [Buffer.from('a'), Buffer.from('b')]),
      x: ndarray('float32', [2], Float32Array.of(1.5, 2.5)),
    }));
    const train = partOf(rows, PARTS, { part: 'train' });
    const ids = train.map(({ id }) => id);
    expect(ids.slice(0, ids.length / 2)).toEqual(ids.slice(ids.length / 2));
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.length).toBeLessThan(200);
    const turned = rows.map(({ id, name, x }) => ({ x, name, id }));
    expect(partOf(turned, PARTS, { part: 'train' })).toEqual(train);
    // The key in other languages: the names and the values after each other.
    const bytes = (id: number) =>
      Buffer.concat(
        [`id${id}nameabx`, new Uint8Array(Float32Array.of(1.5, 2.5).buffer)].map((part) => Buffer.from(part as string)),
      );
    expect(
      partOf(
        rows.map(({ id }) => bytes(id)),
        PARTS,
        { part: 'train' },
      ),
    ).toEqual(ids.map(bytes));
  });

  it('has the same part for a line as bytes and as text', () => {
    const lines = ['Zürich', '雪', '', 'a,b'];
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const options = { part: 'train', seed: 3 };
    const ofBytes = notifications(of(bytes).pipe(decodeTextLine(), split(PARTS, options as { part: 'train' })));
    expect(ofBytes.slice(0, -1).map((line) => Buffer.from(line as Uint8Array).toString())).toEqual(
      partOf(lines, PARTS, options),
    );
  });

  it.each<[string, unknown, SplitOptions<unknown>['by'], string]>([
    ['a boolean as the key', true, (item) => item as never, 'as the key, found true'],
    ['NaN', NaN, (item) => item as number, 'split: expected a number, text or bytes as the key, found NaN.'],
    ['no key', 1, () => undefined as never, 'found nothing'],
    [
      'several numbers',
      { x: ndarray('int32', [2], new Int32Array(2)) },
      'x',
      'split: x: expected a number, text or bytes as the key, found an NDArray of dtype int32 and shape [2]. Set "by" to',
    ],
    ['a missing feature', { x: 1 }, 'y', 'split: the item has no feature "y". It has the features "x".'],
    ['a record without features', Uint8Array.of(1), 'y', 'split: expected an item with features'],
  ])('notifies %s', (_name, item, by, message) => {
    expect(notifications(of(item).pipe(split<unknown>(PARTS, { part: 'train', by })))).toEqual([
      expect.objectContaining({ name: 'ValueError', message: expect.stringContaining(message) as unknown }),
    ]);
  });

  it.each<[string, Parts, object, string]>([
    ['percent', { train: 80, validation: 20 }, {}, 'split: \n  parts.train: expected at most 1, found 80'],
    [
      'a sum above 1',
      { train: 0.8, test: 0.3 },
      {},
      'parts: expected fractions with a sum of at most 1, found a sum of 1.1',
    ],
    [
      'no parts',
      {},
      {},
      'split: parts: expected at least one part, such as { train: 0.8, validation: 0.2 }, found none',
    ],
    ['an empty part', { train: 1, test: 0 }, {}, 'parts.test: expected more than 0, found 0'],
    [
      'a part of another name',
      PARTS,
      { part: 'val' },
      'split: part: expected one of the parts (train, validation), found "val"',
    ],
    ['no part', PARTS, { part: undefined }, 'split: part: expected string, found nothing'],
    ['a name that is a number', { train: 0.5, 1: 0.5 }, {}, 'as a name, expected a name that is not a number'],
    ['a seed below 0', PARTS, { seed: -1 }, 'split: seed'],
    ['another option', PARTS, { key: 'id' }, 'unknown key "key"'],
  ])('throws at the call for %s', (_name, parts, options, message) => {
    expect(() => split<string>(parts, { part: 'train', ...options })).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: expect.stringContaining(message.replace(': \n', ':\n')) as unknown,
      }),
    );
  });

  it('accepts sums that are rounded', () => {
    const parts = { a: 0.01, b: 0.2, c: 0.68, d: 0.11 };
    expect(0.01 + 0.2 + 0.68 + 0.11).toBeGreaterThan(1);
    expect([...partsOf(names(1000), parts).values()].flat()).toHaveLength(1000);
  });

  it('continues after a cursor, and rejects the cursor of another split', () => {
    const items = names(40);
    const run = (options: SplitOptions<string, 'train' | 'validation'>, cursor?: Cursor) => {
      const resume = resumable<string>({ cursor });
      return { resume, seen: notifications(fromIterable(items).pipe(split(PARTS, options), resume)) };
    };
    const whole = run({ part: 'train' });
    const cursor = { ...whole.resume.cursor(), epoch: 0, items: 5 };
    expect(run({ part: 'train' }, cursor).seen).toEqual(whole.seen.slice(5));
    const [error] = run({ part: 'train', seed: 1 }, cursor).seen;
    expect(error).toMatchObject({ message: expect.stringContaining('stages[0].seed: expected 0') as unknown });
    const [other] = run({ part: 'validation' }, cursor).seen;
    expect(other).toMatchObject({ message: expect.stringContaining('stages[0].part: expected "train"') as unknown });
  });
});
