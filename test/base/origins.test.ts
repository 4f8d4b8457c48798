import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { originOf, rememberLines, rememberOrigin } from '../../src/base/origins.js';

const chunkOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text)).slice();

describe('originOf', () => {
  it('returns the file and the byte of a view on a chunk', () => {
    const chunk = chunkOf('abcdef');
    rememberOrigin(chunk, 'a.rec', 100);
    expect(originOf(chunk.subarray(2, 4))).toEqual({ path: 'a.rec', byteOffset: 102, lineNumber: undefined });
  });

  it('covers the chunks that adjoin in one memory', () => {
    const slab = new Uint8Array(20);
    rememberOrigin(slab.subarray(0, 8), 'fifo', 50);
    rememberOrigin(slab.subarray(8, 12), 'fifo', 58);
    expect(originOf(slab.subarray(9))).toMatchObject({ path: 'fifo', byteOffset: 59 });
    expect(originOf(slab.subarray(12))).toBeUndefined();
  });

  it('does not take the memory of two files for one file', () => {
    const pool = new Uint8Array(20);
    rememberOrigin(pool.subarray(0, 8), 'a', 0);
    rememberOrigin(pool.subarray(8, 12), 'b', 0);
    expect(originOf(pool.subarray(9))).toBeUndefined();
  });

  it('returns the line in whichever order lines are asked for', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n'), minLength: 1 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 20 }), (content, places) => {
        const chunk = chunkOf(content);
        rememberOrigin(chunk, 'a.csv', 0);
        rememberLines(chunk, 7);
        for (const place of places) {
          const at = place % content.length;
          const before = content.slice(0, at).split('\n').length - 1;
          expect(originOf(chunk.subarray(at))?.lineNumber).toBe(8 + before);
        }
      }),
    );
  });

  it('knows no origin of text and of other memory', () => {
    expect(originOf('a line')).toBeUndefined();
    expect(originOf(new Uint8Array(40))).toBeUndefined();
  });
});
