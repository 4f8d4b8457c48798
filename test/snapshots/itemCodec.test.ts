import assert from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ValueError } from '../../src/base/errors.js';
import { decodeItem, encodeItem } from '../../src/base/itemCodec.js';
import { fixtureJson } from '../formats/support/fixtures.js';
import { anyItem } from './support/anyItem.js';
import { sameItem } from './support/sameItem.js';

const encoded = (item: unknown): Uint8Array => encodeItem('snapshot', item);
/** Records of a reader are no Buffers. */
const decoded = ({ buffer, byteOffset, length }: Uint8Array): unknown =>
  decodeItem(new Uint8Array(buffer, byteOffset, length));

const failureOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

const { cases } = fixtureJson('snapshot/cases.json') as { readonly cases: readonly [string, string][] };
const SOURCES: Readonly<Record<string, unknown>> = {
  bytes: Uint8Array.of(0, 255, 7),
  text: ['', 'aÿ', '\u4e2d', '\ud800'],
  numbers: [0, -0, 1.5, -(2 ** 31), 2 ** 40, NaN, Infinity],
  others: [undefined, null, true, false, 5n, -(2n ** 70n), new Date(86_400_000)],
  array: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(0.5, -3) },
  batch: [
    { dtype: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n) },
    { dtype: 'bytes', shape: [1], data: [Uint8Array.of(1)] },
  ],
  collections: [new Map<unknown, unknown>([['k', { a: [] }]]), new Set([1, 'x'])],
};

describe('encodeItem and decodeItem', () => {
  it('read back any item', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        assert.ok(sameItem(decoded(encoded(item)), item));
      }),
      { numRuns: 2000 },
    );
  });

  it('read a Buffer as a Buffer', () => {
    expect(decoded(encoded(Buffer.from('abc')))).toEqual(Buffer.from('abc'));
    expect(Buffer.isBuffer(decoded(encoded(Uint8Array.of(1))))).toBe(false);
  });

  it('never change the memory of an item, or share memory with it', () => {
    const item = { a: Float32Array.of(1, 2), b: Uint8Array.of(3) };
    const bytes = encoded(item);
    item.a[0] = 9;
    const read = decoded(bytes) as typeof item;
    expect(read).toEqual({ a: Float32Array.of(1, 2), b: Uint8Array.of(3) });
    expect(read.a.buffer).not.toBe(item.a.buffer);
  });

  it('read what Node.js 20 has written', () => {
    expect(cases.map(([name]) => name)).toEqual(Object.keys(SOURCES));
    for (const [name, hex] of cases)
      expect([name, sameItem(decoded(Buffer.from(hex, 'hex')), SOURCES[name])]).toEqual([name, true]);
  });

  class Point {
    readonly x = 1;
  }

  it.each([
    ['a function', () => 1, '', /^snapshot: found a function, which cannot be stored\./],
    ['a symbol', { a: [1, Symbol('s')] }, 'a[1]', /^snapshot: a\[1\]: found Symbol\(s\), which/],
    ['a symbol as a key', { a: { [Symbol('s')]: 1 } }, 'a.Symbol(s)', /^snapshot: a\.Symbol\(s\): found Symbol\(s\)/],
    ['a class', { x: { y: new Point() } }, 'x.y', /^snapshot: x\.y: found a Point, which/],
    ['a URL', [new URL('http://a')], '[0]', /^snapshot: \[0\]: found a URL/],
    ['a Promise', { p: Promise.resolve() }, 'p', /^snapshot: p: found a Promise/],
    ['an Error', new Map([['k', new Error('x')]]), '[0][1]', /^snapshot: \[0\]\[1\]: found an Error/],
    ['a proxy', { p: new Proxy({}, {}) }, 'p', /^snapshot: p: found/],
  ])('refuse %s with its path', (_what, item, path, message) => {
    const error = failureOf(() => encoded(item));
    expect(error).toBeInstanceOf(ValueError);
    expect(error).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it('keep parts that are shared, and an item that contains itself', () => {
    const shared = [1];
    const item: Record<string, unknown> = { a: shared, b: shared };
    item['self'] = item;
    const read = decoded(encoded(item)) as typeof item;
    expect(read['self']).toBe(read);
    expect(read['a']).toBe(read['b']);
  });

  it('give each item memory of its own, so that one item does not keep a chunk in memory', () => {
    const record = encoded({ x: Uint8Array.of(1, 2) });
    const chunk = new Uint8Array(1e6);
    chunk.set(record, 1000);
    const { x } = decodeItem(chunk.subarray(1000, 1000 + record.length)) as { readonly x: Uint8Array };
    expect([...x]).toEqual([1, 2]);
    expect(x.buffer.byteLength).toBeLessThan(1000);
  });

  it.each([
    ['nothing', ''],
    ['another tag', '05'],
    ['a later version of V8', 'ffff5f'],
    ['a part of an item', 'ff0f6f2201'],
    ['an unknown typed array', 'ff0f5c630101'],
  ])('fail for %s', (_what, hex) => {
    expect(() => decoded(Buffer.from(hex, 'hex'))).toThrow();
  });
});
