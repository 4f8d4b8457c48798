import type { OperatorFunction } from 'rxjs';
import { placeOf } from '../../src/base/origins.js';
import type { ReaderPosition } from '../../src/base/readerPosition.js';
import type { RecordSpan } from '../../src/base/recordSpan.js';
import type { ChunkMark } from '../../src/resume/byteMark.js';
import type { Announcement } from '../../src/resume/cursor.js';

export interface DecoderSeek {
  /** The position of the first record and of the first chunk. Default: the start of the file. */
  readonly start?: ReaderPosition | undefined;
  /**
   * Called for each chunk whose position in the file is known, before the records that end in this chunk are emitted.
   */
  readonly onChunk: (chunk: ChunkMark) => void;
}

export interface PositionedReader<R> {
  /** The position of the next record. */
  readonly position?: ReaderPosition;
  push(chunk: Uint8Array): void;
  read(): R | undefined;
  /** Like `read`, but creates no view: sets `span` and returns true if there is a record. */
  readSpan?(span: RecordSpan): boolean;
  end(): R | undefined;
}

/** A decoder that can start at any record. Its errors have positions in the whole file. */
export interface SeekableDecoder<R> {
  /** The format and its options as JSON. A saved position is valid only for the same format and options. */
  readonly facts: Announcement;
  readonly seeking: (seek: DecoderSeek) => OperatorFunction<Uint8Array, R>;
  /** Creates a reader that begins at `start`. Default: at the start of the file. */
  readonly createReader: (start?: ReaderPosition) => PositionedReader<R>;
}

const seekable = new WeakMap<object, SeekableDecoder<unknown>>();

export function rememberSeekable<R>(decoder: OperatorFunction<Uint8Array, R>, how: SeekableDecoder<R>): void {
  seekable.set(decoder, how);
}

/** Returns `undefined` if the decoder must read its file from the start. */
export function seekableOf<R>(decoder: OperatorFunction<Uint8Array, R>): SeekableDecoder<R> | undefined {
  return seekable.get(decoder) as SeekableDecoder<R> | undefined;
}

/** Returns a function that reports a chunk to `onChunk`. Call this function before the reader receives the chunk. */
export function chunkWatcher({
  start,
  onChunk,
}: DecoderSeek): (chunk: Uint8Array, next: ReaderPosition | undefined) => void {
  let byteOffset = start?.byteOffset ?? 0;
  return (bytes, next) => {
    // Joined chunks have no position in the file.
    if (next && placeOf(bytes)?.byteOffset === byteOffset) onChunk({ next, bytes, byteOffset });
    byteOffset += bytes.length;
  };
}
