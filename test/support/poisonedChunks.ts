import assert from 'node:assert/strict';

/** Returns an integer below a bound, from a seeded generator. */
export type Draw = (bound: number) => number;

/** The number of foreign bytes on each side of a chunk. */
const MARGIN = 16;

/**
 * An input in chunks. Each chunk is a view in the middle of its own memory of other bytes, or all chunks are adjacent
 * in one memory, like the chunks of a FIFO.
 */
export interface PoisonedChunks {
  readonly chunks: readonly Uint8Array[];
  /** Fails if a record is in the memory of the chunks, but not within the chunks. */
  readonly assertInside: (record: unknown) => void;
  /** Fails if the chunks or the bytes around them were changed. */
  readonly assertUntouched: () => void;
}

/** Cuts an input at ascending positions. Equal positions make empty chunks. */
export function poisonedChunks(input: Uint8Array, places: readonly number[], draw: Draw): PoisonedChunks {
  const edges = [0, ...places, input.length];
  const cut = (bytes: Uint8Array) => edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
  const whole = poisonedChunk(input, draw);
  const adjoin = draw(2) === 0;
  const chunks = adjoin ? cut(whole) : cut(input).map((chunk) => poisonedChunk(chunk, draw));
  const insideOf = new Map(chunks.map((chunk) => [chunk.buffer, adjoin ? whole : chunk]));
  const before = chunks.map(({ buffer }) => Buffer.from(buffer.slice(0)));
  return {
    chunks,
    assertInside: (record) => {
      if (!(record instanceof Uint8Array)) return;
      const inside = insideOf.get(record.buffer);
      if (!inside) return;
      const start = record.byteOffset - inside.byteOffset;
      assert.ok(start >= 0 && start + record.length <= inside.length, 'a record lies outside of its chunk');
    },
    assertUntouched: () => {
      for (const [index, { buffer }] of chunks.entries()) {
        assert.ok(before[index]!.equals(Buffer.from(buffer)), 'a chunk was written to');
      }
    },
  };
}

/** Returns bytes in the middle of a memory of other bytes. */
export function poisonedChunk(bytes: Uint8Array, draw: Draw): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(bytes.length + 2 * MARGIN);
  // Only the first foreign byte is drawn, because a draw for each byte takes a fifth of the time of the tests.
  const first = draw(256);
  for (let at = 0; at < MARGIN; at++) {
    memory[at] = first + 37 * at;
    memory[MARGIN + bytes.length + at] = first + 37 * (MARGIN + at);
  }
  memory.set(bytes, MARGIN);
  return memory.subarray(MARGIN, MARGIN + bytes.length);
}

/** Draws up to five positions for cuts, or all positions. */
export function drawCuts(length: number, draw: Draw): readonly number[] {
  if (draw(8) === 0 && length > 0 && length < 500) return Array.from({ length: length - 1 }, (_, index) => index + 1);
  return Array.from({ length: draw(6) }, () => draw(length + 1)).sort((a, b) => a - b);
}
