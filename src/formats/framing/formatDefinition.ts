import type { z } from 'zod';
import type { FormatError } from '../../base/errors.js';
import type { RecordSpan } from '../../base/recordSpan.js';
import type { ReaderPosition } from '../../base/readerPosition.js';
import type { RecordReader } from './recordReader.js';

/** Receives the error and the size in bytes of a bad record. If the function returns, the record is skipped. */
export type OnBadRecord = (error: FormatError, bytes: number) => void;

export interface InputFile {
  /** The path, or the URL without its query. */
  readonly path: string;
  readonly label?: number | undefined;
}

/** If a reader has a `position`, a new reader can start at this position. */
export interface FormatReader<R> extends RecordReader<R> {
  readonly position?: ReaderPosition;
  /**
   * Ends the input. A decoder calls `finish` in place of `end`, and then `read` until it returns `undefined`. Needed if
   * a reader can return several records after the end of the input.
   */
  finish?(): void;
  /** Like `read`, but creates no view: sets `span` and returns true if there is a record. */
  readSpan?(span: RecordSpan): boolean;
  /**
   * If false, records do not refer to chunks, so the memory of a chunk that has been read can be used again. Once
   * false, it stays false. Default: true.
   */
  readonly keepsChunks?: boolean;
  /** Returns memory for the next chunk, if this saves the reader a copy. Otherwise, returns `undefined`. */
  room?(byteLength: number): Uint8Array | undefined;
}

/** `start` is the position of the first record. Default: the start of the file. */
export type CreateReader<R> = (onBadRecord?: OnBadRecord, start?: ReaderPosition, file?: InputFile) => FormatReader<R>;

export interface FormatDefinition<N extends string = string, R = unknown> {
  readonly name: N;
  readonly reference: string;
  /** Returns the schema of the options. A format with a required option cannot be selected by its name alone. */
  readonly options: () => z.ZodObject;
  readonly readers: (options: never) => CreateReader<R>;
  readonly skipsByDefault?: (options: never) => boolean;
  /**
   * Returns the reason if a reader with these options must start at the first byte of a file. Pipe mode rejects such
   * options, because a Pipe mode channel joins files.
   */
  readonly needsFileStart?: (options: never) => string | undefined;
  /** Returns the options that decide how many records a file has, or `undefined` if there are none. */
  readonly countFacts?: (options: never) => Readonly<Record<string, unknown>> | undefined;
  /** True if a declared channel can skip bad records. Default: false. */
  readonly canSkip?: boolean;
  /** False if every reader must start at the beginning of a file. Default: true. */
  readonly isSeekable?: boolean;
  /** True if each file is one record. Default: false. */
  readonly isWholeFile?: boolean;
}

export interface WritableFormat<N extends string = string, R = unknown> extends FormatDefinition<N, R> {
  readonly encode: (record: Uint8Array) => Uint8Array;
}

export function defineFormat<
  const N extends string,
  S extends z.ZodObject,
  R,
  E extends Partial<Pick<WritableFormat, 'encode'>>,
>(
  definition: Pick<FormatDefinition<N, R>, 'name' | 'reference' | 'canSkip' | 'isSeekable' | 'isWholeFile'> &
    E & {
      readonly options: () => S;
      readonly readers: (options: z.output<S>) => CreateReader<R>;
      readonly skipsByDefault?: (options: z.output<S>) => boolean;
      readonly needsFileStart?: (options: z.output<S>) => string | undefined;
      readonly countFacts?: (options: z.output<S>) => Readonly<Record<string, unknown>> | undefined;
    },
): Omit<FormatDefinition<N, R>, 'options'> & { readonly options: () => S } & Pick<E, keyof E & 'encode'> {
  return definition;
}
