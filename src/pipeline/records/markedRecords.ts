import { tap, type Observable } from 'rxjs';
import { seekableOf } from '../../../operators/shared/seekable.js';
import type { ChunkMark } from '../../resume/byteMark.js';
import type { ByteMark } from '../../resume/cursor.js';
import type { InputPosition } from '../../resume/inputPosition.js';
import type { FileCompression } from './decompressed.js';
import type { RecordDecoder } from './recordFormat.js';

type Bytes = Observable<Uint8Array>;

/**
 * Reads the records of a file from its start, or from a {@link ByteMark}. Marks exist only in uncompressed files, so
 * the bytes after a mark are not decompressed.
 *
 * @param stored$ - the bytes of the file, from the mark or from the start.
 */
export type ReadMarked<R> = (
  stored$: Bytes,
  mark: ByteMark | undefined,
  decompressed: (stored$: Bytes) => Bytes,
) => Observable<R>;

/**
 * Returns a reader that also stores in `input` the positions from which a resumed epoch can start. Returns `undefined`
 * if the decoder cannot start inside a file, or if `resumable` has no `recordsPerItem`.
 */
export function markedReader<R>(
  input: InputPosition,
  decoder: RecordDecoder<R>,
  compression: FileCompression,
): ReadMarked<R> | undefined {
  const seekable = seekableOf(decoder);
  if (!seekable || !input.allowMarks({ ...seekable.facts, compression })) return undefined;
  return (stored$, mark, decompressed) => {
    const memory = new WeakSet<ArrayBufferLike>();
    const noted$ = stored$.pipe(tap((chunk) => memory.add(chunk.buffer)));
    const bytes$ = mark ? noted$.pipe(input.compareMarked(mark)) : decompressed(noted$);
    const start = mark && { byteOffset: mark.byteOffset, recordIndex: mark.recordIndex };
    const onChunk = (chunk: ChunkMark): void => {
      // Decompressed chunks are in new memory, and their offsets are not offsets in the file.
      if (memory.has(chunk.bytes.buffer)) input.markChunk(chunk);
    };
    return bytes$.pipe(seekable.seeking({ start, onChunk }));
  };
}
