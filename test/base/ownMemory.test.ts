import { describe, expect, it } from '@jest/globals';
import { originOf, rememberLines, rememberOrigin } from '../../src/base/origins.js';
import { ownMemory } from '../../src/base/ownMemory.js';

/** Lines of that length, their newline included. */
function chunkOf(lineBytes: number, lineCount: number): Uint8Array {
  const chunk = new Uint8Array(lineBytes * lineCount).fill(0x61);
  for (let end = lineBytes - 1; end < chunk.length; end += lineBytes) chunk[end] = 0x0a;
  rememberOrigin(chunk, 'a.csv', 1000);
  rememberLines(chunk, 10);
  return chunk;
}

describe('ownMemory', () => {
  it('returns a record as it is if it fills a quarter of its memory', () => {
    const record = new Uint8Array(100).subarray(0, 25);
    expect(ownMemory(record)).toBe(record);
  });

  it.each([8, 100, 4096, 5000])('copies a small record of %p bytes with its origin', (length) => {
    const record = chunkOf(length + 1, 6).subarray(4 * (length + 1), 4 * (length + 1) + length);
    const copy = ownMemory(record);
    expect(copy).toEqual(record);
    expect(copy.buffer).not.toBe(record.buffer);
    expect(originOf(copy)).toEqual({ path: 'a.csv', byteOffset: 1000 + 4 * (length + 1), lineNumber: 15 });
  });

  it('keeps the origin in a copy of a copy', () => {
    const copy = ownMemory(ownMemory(chunkOf(3, 30).subarray(6, 8)));
    expect(originOf(copy)).toEqual({ path: 'a.csv', byteOffset: 1006, lineNumber: 13 });
  });

  it('keeps the origin in a view on a copy', () => {
    const copy = ownMemory(chunkOf(10, 30).subarray(20, 29));
    expect(originOf(copy.subarray(2, 4))).toEqual({ path: 'a.csv', byteOffset: 1022, lineNumber: 13 });
  });

  it('holds 32 bytes more than a record below 4 KiB, and nothing more than a larger one', () => {
    expect(ownMemory(chunkOf(100, 30).subarray(0, 99)).buffer.byteLength).toBe(99 + 32);
    expect(ownMemory(chunkOf(5000, 30).subarray(0, 4999)).buffer.byteLength).toBe(4999);
  });

  it('copies a record without an origin into memory of its size', () => {
    expect(ownMemory(new Uint8Array(1000).subarray(0, 99)).buffer.byteLength).toBe(99);
  });
});
