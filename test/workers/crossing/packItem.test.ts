import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { markFresh, trackFreshMemory } from '../../../src/arrays/freshMemory.js';
import { ndarray, type NDArray } from '../../../src/arrays/ndarray.js';
import { packItem, sendItem } from '../../../src/workers/crossing/packItem.js';
import type { MovePolicy } from '../../../src/workers/crossing/protocol.js';

/** Returns an item as another thread receives it through structured clone. */
function sent<T>(item: T, move: MovePolicy = 'fresh'): T {
  let arrived: unknown;
  sendItem(item, { name: 'test', move }, (packed, transfer) => {
    arrived = structuredClone(packed, { transfer: [...transfer] });
  });
  return arrived as T;
}

trackFreshMemory();

const view = fc.oneof(
  fc.uint8Array({ maxLength: 9000 }),
  fc.int16Array(),
  fc.float32Array({ noNaN: true }),
  fc.float64Array({ noNaN: true, maxLength: 2000 }),
  fc.bigInt64Array(),
  fc.uint8ClampedArray(),
);
// Jest takes two invalid dates for different ones.
const date = fc.date({ noInvalidDate: true });
const leaf = fc.oneof(view, fc.string(), fc.bigInt(), fc.double(), fc.constantFrom(null, undefined, true), date);
const structure = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('node'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('node'), { maxLength: 3 }).map((parts) => new Set(parts)),
    fc.array(fc.tuple(fc.string(), tie('node')), { maxLength: 3 }).map((parts) => new Map(parts)),
  ),
})).node;

describe('packItem', () => {
  it('sends any structure like structured clone, with each move policy', () => {
    fc.assert(
      fc.property(structure, fc.constantFrom<MovePolicy>('fresh', 'none'), (item, move) => {
        const expected = structuredClone(item);
        expect(sent(item, move)).toEqual(expected);
        // Nothing was marked as fresh, so nothing was moved.
        expect(item).toEqual(expected);
      }),
    );
  });

  it('sends an invalid date', () => {
    expect(sent([new Date(NaN)]).map(Number)).toEqual([NaN]);
  });

  it('sends a property with the name __proto__', () => {
    const item = Object.fromEntries([['__proto__', new Uint8Array(3)]]);
    expect(Object.entries(sent(item))).toEqual([['__proto__', new Uint8Array(3)]]);
  });

  it('sends only the bytes of a view on a slab', () => {
    const slab = new Uint8Array(1 << 20).map((_, index) => index);
    const views = [slab.subarray(3, 5), slab.subarray(100, 100), slab.subarray(1000, 1003)];
    const arrived = sent(ndarray('bytes', [3], views));
    expect(arrived.data.map((element) => [...element])).toEqual(views.map((element) => [...element]));
    expect(arrived.data.map(({ buffer }) => buffer.byteLength)).toEqual([16, 16, 16]);
    const large = sent(slab.subarray(1, 10_001));
    expect([large.length, large.buffer.byteLength, large[0]]).toEqual([10_000, 10_000, 1]);
    expect(slab.byteLength).toBe(1 << 20);
  });

  it('aligns typed arrays in the same buffer', () => {
    const item = [Uint8Array.of(1), Float64Array.of(2), Uint8Array.of(3, 4, 5), BigInt64Array.of(6n)];
    expect(sent(item)).toEqual(item);
  });

  it('moves fresh memory only if the view covers its whole buffer', () => {
    const whole = new Float32Array(8).fill(1);
    const part = new Float32Array(8).subarray(4).fill(2);
    for (const memory of [whole, part]) markFresh(memory);
    expect(sent({ whole, part })).toEqual({ whole: new Float32Array(8).fill(1), part: new Float32Array(4).fill(2) });
    expect([whole.byteLength, part.byteLength]).toEqual([0, 16]);
  });

  it('moves each view that covers its whole buffer if move is all', () => {
    const array = new Float32Array(8);
    sent(array, 'all');
    expect(array.byteLength).toBe(0);
  });

  it('sends memory once that is used in two places', () => {
    const data = new Float32Array(4).fill(3);
    markFresh(data);
    const array: NDArray = ndarray('float32', [4], data);
    const { a, b } = sent({ a: array, b: array });
    expect(a.data).toBe(b.data);
    const copied = sent({ a: Uint8Array.of(1), b: [array.shape, array.shape] });
    expect(copied.b[0]).toBe(copied.b[1]);
  });

  it('sends circular structures', () => {
    const item: { self?: unknown; bytes: Uint8Array } = { bytes: Uint8Array.of(1) };
    item.self = item;
    const arrived = sent(item);
    expect(arrived.self).toBe(arrived);
    expect([...arrived.bytes]).toEqual([1]);
  });

  it('keeps shared memory shared', () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const { item, transfer } = packItem({ shared }, { name: 'test', move: 'all' });
    expect(transfer).toEqual([]);
    expect((item as { shared: Int32Array }).shared).toBe(shared);
  });

  it('sends only the bytes of a pooled Buffer', () => {
    const arrived = sent(Buffer.from('abc'));
    expect(Object.prototype.toString.call(arrived)).toBe('[object Uint8Array]');
    expect([[...arrived], arrived.buffer.byteLength]).toEqual([[97, 98, 99], 8]);
  });

  it('rejects moved memory and values that cannot be sent, with the path', () => {
    const data = new Float32Array(4);
    markFresh(data);
    sent(data);
    expect(() => sent({ xs: [data] })).toThrow(expect.objectContaining({ name: 'ValueError', path: 'xs[0]' }));
    expect(() => sent(new Map([['k', { fn: () => 1 }]]))).toThrow(expect.objectContaining({ path: '(k).fn' }));
    expect(() => sent({ a: Symbol('s') })).toThrow(/a is a symbol/);
    expect(() => sent({ a: Promise.resolve() })).toThrow(/cannot be sent to a different thread/);
  });
});
