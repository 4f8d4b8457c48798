import { types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAlignedItem, encodeAlignedItem } from '../../src/base/alignedItem.js';
import { ValueError } from '../../src/base/errors.js';
import { anyItem } from '../snapshots/support/anyItem.js';
import { sameItem } from '../snapshots/support/sameItem.js';
import { runs } from '../support/runs.js';

const encoded = (item: unknown): Uint8Array => encodeAlignedItem('onHosts', item);

describe('encodeAlignedItem and decodeAlignedItem', () => {
  it('read back any item', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        expect(sameItem(decodeAlignedItem(encoded(item)), item)).toBe(true);
      }),
      { numRuns: runs(200) },
    );
  });

  it('return arrays that are views on the memory, at multiples of 8', () => {
    const item = {
      name: 'a',
      bytes: Uint8Array.of(1, 2, 3),
      floats: Float64Array.of(0.5, -3),
      more: [Int16Array.of(7)],
    };
    const memory = encoded(item);
    const decoded = decodeAlignedItem(memory) as typeof item;
    expect(decoded).toEqual(item);
    for (const array of [decoded.bytes, decoded.floats, decoded.more[0]]) {
      expect(array?.buffer).toBe(memory.buffer);
      expect((array?.byteOffset ?? NaN) % 8).toBe(0);
    }
  });

  it('keep the part of a buffer that an array uses', () => {
    const item = new Float32Array(100).fill(2).subarray(3, 5);
    expect(encoded(item).length).toBeLessThan(40);
    expect(decodeAlignedItem(encoded(item))).toEqual(Float32Array.of(2, 2));
  });

  it('throw an error for bytes that are cut or changed, or return an item, without reading other memory', () => {
    const memory = encoded({ values: Float32Array.of(1, 2, 3), text: 'abc' });
    for (let length = 0; length < memory.length; length++)
      expect(() => decodeAlignedItem(memory.slice(0, length))).toThrow();
    fc.assert(
      fc.property(fc.nat(memory.length - 1), fc.nat(255), (position, byte) => {
        const changed = Uint8Array.from(memory);
        changed[position] = byte;
        try {
          decodeAlignedItem(changed);
        } catch (error) {
          expect(types.isNativeError(error)).toBe(true);
        }
      }),
      { numRuns: runs(1000) },
    );
  });

  it('refuse functions with their path', () => {
    expect(() => encoded({ a: [() => 1] })).toThrow(ValueError);
    expect(() => encoded({ a: [() => 1] })).toThrow('onHosts: a[0]: found a function');
  });
});
