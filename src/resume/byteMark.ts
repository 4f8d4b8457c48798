import { crc32 } from 'node:zlib';
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { ReaderPosition } from '../base/readerPosition.js';
import { operate } from '../demand/operate.js';
import { mismatch, type ByteMark, type Sample } from './cursor.js';

/**
 * The minimum distance between two marks, in bytes. Decoders that support marks split larger chunks into pieces of this
 * size.
 */
export const MARK_BYTES = 1024 * 1024;

const SAMPLE_BYTES = 4096;

export interface ChunkMark {
  /** The position of the first record that ends in this chunk or in a later chunk. */
  readonly next: ReaderPosition;
  readonly bytes: Uint8Array;
  readonly byteOffset: number;
}

export function sampleOf({ bytes, byteOffset }: ChunkMark): Sample {
  const head = bytes.subarray(0, SAMPLE_BYTES);
  return { byteOffset, byteLength: head.length, crc32: crc32(head) };
}

export function* piecesOf(chunk: Uint8Array): Generator<Uint8Array> {
  // A value that is not a Uint8Array may have no length. The decoder rejects it.
  if (!(chunk.length > MARK_BYTES)) yield chunk;
  else for (let at = 0; at < chunk.length; at += MARK_BYTES) yield chunk.subarray(at, at + MARK_BYTES);
}

/** Returns an operator that fails with a ConfigError if the bytes of the file differ from the sample of the mark. */
export function compareSample({ byteOffset, sample }: ByteMark, name: string): MonoTypeOperatorFunction<Uint8Array> {
  const end = sample.byteOffset + sample.byteLength;
  const what = `inputs.${name}.start.mark: crc32 of the ${sample.byteLength} bytes at byte ${sample.byteOffset}`;
  return (source) =>
    operate(source, (destination) => {
      let position = byteOffset;
      let found = 0;
      const take = (chunk: Uint8Array): void => {
        const from = Math.max(0, sample.byteOffset - position);
        found = crc32(chunk.subarray(from, Math.max(from, end - position)), found);
        position += chunk.length;
        if (position >= end && found !== sample.crc32) throw mismatch(what, String(sample.crc32), String(found));
      };
      return {
        next: (chunk) => {
          if (position < end) take(chunk);
          destination.next(chunk);
        },
        complete: () => {
          if (position < end) throw mismatch(what, String(sample.crc32), `the end of the file at byte ${position}`);
          destination.complete();
        },
      };
    });
}
