import fc from 'fast-check';
import { ChunkWindow } from '../../../src/formats/framing/chunkWindow.js';

/** Reads frames: one byte with the length, then the content. Also returns the memory of each frame. */
function readFrames(chunks: readonly Uint8Array[]): { frames: Uint8Array[]; left: number } {
  const window = new ChunkWindow();
  const frames: Uint8Array[] = [];
  for (const chunk of chunks) {
    window.push(chunk);
    while (window.has(1)) {
      const length = window.view.getUint8(window.position);
      if (!window.has(1 + length)) break;
      frames.push(window.slice(1, length));
      window.position += 1 + length;
    }
  }
  return { frames, left: window.end() };
}

const input = Uint8Array.of(3, 1, 2, 3, 0, 2, 4, 5, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 7);
const frames = [[1, 2, 3], [], [4, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9], [7]].map((frame) => Uint8Array.from(frame));

/** Cuts the input at these positions. */
function cut(places: readonly number[]): Uint8Array[] {
  const ends = [...new Set([...places, input.length])].sort((a, b) => a - b);
  return ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end));
}

const cuts = fc.array(fc.nat(input.length));

describe('ChunkWindow', () => {
  it('copies nothing if each chunk begins in memory at the end of the previous one', () => {
    fc.assert(
      fc.property(cuts, (places) => {
        const read = readFrames(cut(places));
        expect(read).toEqual({ frames, left: 0 });
        expect(read.frames.every(({ buffer }) => buffer === input.buffer)).toBe(true);
      }),
    );
  });

  it('copies only records across chunks that do not adjoin', () => {
    const asked = fc.tuple(cuts, fc.func(fc.boolean()));
    fc.assert(
      fc.property(asked, ([places, isCopied]) => {
        const chunks = cut(places).map((chunk) => (isCopied(chunk.byteOffset) ? Uint8Array.from(chunk) : chunk));
        expect(readFrames(chunks)).toEqual({ frames, left: 0 });
      }),
    );
    const [first, second] = [input.slice(0, 6), input.slice(6)];
    const memories = readFrames([first, second]).frames.map(({ buffer }) => buffer);
    expect(memories.map((memory) => [first.buffer, second.buffer].includes(memory as ArrayBuffer))).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
  });

  it('counts positions over all chunks', () => {
    const window = new ChunkWindow();
    for (const chunk of [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5)]) {
      window.push(chunk);
      if (!window.has(4)) continue;
      window.position += 4;
    }
    expect(window.byteOffset).toBe(4);
    expect(window.has(2)).toBe(false);
    expect(window.end()).toBe(1);
  });

  describe('room', () => {
    const recordBytes = 300_000;
    const starved = (): ChunkWindow => {
      const window = new ChunkWindow();
      window.push(new Uint8Array(1000).fill(1));
      expect(window.has(recordBytes)).toBe(false);
      return window;
    };

    it('is the memory after an incomplete large record, which then continues without a copy', () => {
      const window = starved();
      const room = window.room(65_536) ?? new Uint8Array();
      window.push(room.fill(2));
      expect(window.has(66_536)).toBe(true);
      const record = window.slice(0, 66_536);
      expect(record.buffer).toBe(room.buffer);
      expect([record[999], record[1000], record[66_535]]).toEqual([1, 2, 2]);
    });

    it('is given once for each chunk, because a source can hold a chunk while it reads the next one', () => {
      const window = starved();
      expect(window.room(65_536)).toBeDefined();
      expect(window.room(65_536)).toBeUndefined();
    });

    it('does not exist while the window has the requested bytes', () => {
      const window = new ChunkWindow();
      window.push(new Uint8Array(1000));
      expect(window.has(10)).toBe(true);
      expect(window.room(10)).toBeUndefined();
    });

    it('ends at the end of the memory', () => {
      expect(starved().room(1_000_000)).toBeUndefined();
    });
  });

  it('refuses a chunk while the one before it has not been read', () => {
    const window = new ChunkWindow();
    window.push(Uint8Array.of(1, 2));
    expect(() => {
      window.push(Uint8Array.of(3));
    }).toThrow('2 bytes of the previous chunk are unread');
  });
});
