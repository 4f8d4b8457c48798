import { beforeEach, describe, expect, it } from '@jest/globals';
import { originOf, rememberLines, rememberOrigin } from '../../src/base/origins.js';
import { ownMemory } from '../../src/base/ownMemory.js';

/** Returns lines of this length, including the newline. */
function chunkOf(lineBytes: number, lineCount: number): Uint8Array {
  const chunk = new Uint8Array(lineBytes * lineCount).fill(0x61);
  for (let end = lineBytes - 1; end < chunk.length; end += lineBytes) chunk[end] = 0x0a;
  rememberOrigin(chunk, 'a.csv', 1000);
  rememberLines(chunk, 10);
  return chunk;
}

describe('ownMemory', () => {
  let own = ownMemory();
  beforeEach(() => {
    own = ownMemory();
  });

  it('returns a record as it is if it fills a quarter of its memory', () => {
    const record = new Uint8Array(100).subarray(0, 25);
    expect(own(record)).toBe(record);
  });

  it.each([8, 100, 4096, 5000])('copies a small record of %p bytes with its origin', (length) => {
    const record = chunkOf(length + 1, 6).subarray(4 * (length + 1), 4 * (length + 1) + length);
    const copy = own(record);
    expect(copy).toEqual(record);
    expect(copy.buffer).not.toBe(record.buffer);
    expect(originOf(copy)).toEqual({ path: 'a.csv', byteOffset: 1000 + 4 * (length + 1), lineNumber: 15 });
  });

  it('keeps the origin of an empty line', () => {
    const copy = own(chunkOf(1, 30).subarray(7, 7));
    expect(originOf(copy)).toEqual({ path: 'a.csv', byteOffset: 1007, lineNumber: 18 });
  });

  it('keeps the origin in a copy of a copy', () => {
    const copy = own(own(chunkOf(3, 30).subarray(6, 8)));
    expect(originOf(copy)).toEqual({ path: 'a.csv', byteOffset: 1006, lineNumber: 13 });
  });

  it('keeps the origin in a view on a copy', () => {
    const copy = own(chunkOf(10, 30).subarray(20, 29));
    expect(originOf(copy.subarray(2, 4))).toEqual({ path: 'a.csv', byteOffset: 1022, lineNumber: 13 });
  });

  it('copies records that follow one another together, up to 16 times the size of the first', () => {
    const chunk = chunkOf(100, 40);
    const copies = Array.from({ length: 40 }, (_, line) => own(chunk.subarray(100 * line, 100 * line + 99)));
    for (const [line, copy] of copies.entries()) {
      expect(Buffer.from(copy).equals(chunk.subarray(100 * line, 100 * line + 99))).toBe(true);
      expect(originOf(copy)).toEqual({ path: 'a.csv', byteOffset: 1000 + 100 * line, lineNumber: 11 + line });
      expect(copy.buffer.byteLength).toBeLessThanOrEqual(16 * 99);
    }
    expect(new Set(copies.map(({ buffer }) => buffer)).size).toBe(4);
  });

  it('copies a record as it is when it comes, also if it was changed in place after its neighbour was copied', () => {
    const chunk = chunkOf(10, 40);
    own(chunk.subarray(0, 9));
    own(chunk.subarray(10, 19));
    const record = chunk.subarray(20, 29).fill(7);
    expect([...own(record)]).toEqual(Array(9).fill(7));
  });

  it('returns copies that do not overlap if a record comes twice', () => {
    const chunk = chunkOf(10, 40);
    own(chunk.subarray(0, 9));
    const [first, second] = [own(chunk.subarray(10, 19)), own(chunk.subarray(10, 19))];
    first.fill(7);
    expect([...second]).toEqual([...chunk.subarray(10, 19)]);
  });

  it.each([
    ['together', 8, 4],
    ['alone', 9, 40],
  ])('copies records %s if those of %p files alternate', (_, files, memories) => {
    const chunks = Array.from({ length: files }, () => chunkOf(100, 40));
    const copies = Array.from({ length: 40 }, (_, line) =>
      chunks.map((chunk) => own(chunk.subarray(100 * line, 100 * line + 99))),
    );
    for (const index of chunks.keys()) {
      expect(new Set(copies.map((line) => line[index]?.buffer)).size).toBe(memories);
    }
  });

  it('shares memory in each of two stages whose records alternate', () => {
    const [a, b] = [chunkOf(100, 16), chunkOf(100, 16)];
    const other = ownMemory();
    const copies = Array.from({ length: 16 }, (_, line) => [
      own(a.subarray(100 * line, 100 * line + 99)),
      other(b.subarray(100 * line, 100 * line + 99)),
    ]).flat();
    expect(new Set(copies.map(({ buffer }) => buffer)).size).toBe(4);
  });

  it('copies no bytes that were read into the memory later', () => {
    const slab = new Uint8Array(1000);
    rememberOrigin(slab.subarray(0, 30), 'fifo', 0);
    const early = own(slab.subarray(20, 30));
    slab.fill(7, 30, 40);
    rememberOrigin(slab.subarray(30, 40), 'fifo', 30);
    expect([...own(slab.subarray(30, 40))]).toEqual(Array(10).fill(7));
    expect([...early]).toEqual(Array(10).fill(0));
  });

  it.each([0, 9])('copies a record of %p bytes again after its copy was moved to another thread', (length) => {
    const record = chunkOf(10, 30).subarray(290, 290 + length);
    structuredClone(own(record), { transfer: [own(record).buffer as ArrayBuffer] });
    expect(own(record)).toEqual(record);
  });

  it('copies a record above 1 KiB alone', () => {
    expect(own(chunkOf(5000, 30).subarray(0, 4999)).buffer.byteLength).toBe(4999);
  });

  it('copies a record without an origin into memory of its size', () => {
    expect(own(new Uint8Array(1000).subarray(0, 99)).buffer.byteLength).toBe(99);
  });
});
