import type { z } from 'zod';
import type { FormatError } from '../../base/errors.js';
import type { RecordReader } from './recordReader.js';

/** Receives a bad record's error and size. If it returns, the reader continues with the next record. */
export type OnBadRecord = (error: FormatError, bytes: number) => void;

/** Makes a reader for a file, or for an epoch of a Pipe mode channel. */
export type CreateReader<R> = (onBadRecord?: OnBadRecord) => RecordReader<R>;

/** A format of records. `RECORD_FORMATS` lists all. */
export interface FormatDefinition<N extends string = string, R = unknown> {
  /** The name in `recordFormat` and in errors. */
  readonly name: N;
  readonly reference: string;
  /** The options, as JSON. If one is required, the format's name alone is not enough to read records. */
  readonly options: z.ZodObject;
  /** Takes validated options. */
  readonly readers: (options: never) => CreateReader<R>;
  readonly encode: (record: Uint8Array) => Uint8Array;
  /** Whether bad records are skipped by default. Default: no. */
  readonly skipsByDefault?: (options: never) => boolean;
  /**
   * Returns why a reader must start at the beginning of a file, such as `its first line names the columns`; otherwise
   * `undefined`. A Pipe mode channel joins its files without a mark, so it refuses such a format.
   */
  readonly needsFileStart?: (options: never) => string | undefined;
}

/** Defines a format. The functions take the schema's output. */
export function defineFormat<const N extends string, S extends z.ZodObject, R>(
  definition: Pick<FormatDefinition<N, R>, 'name' | 'reference' | 'encode'> & {
    readonly options: S;
    readonly readers: (options: z.output<S>) => CreateReader<R>;
    readonly skipsByDefault?: (options: z.output<S>) => boolean;
    readonly needsFileStart?: (options: z.output<S>) => string | undefined;
  },
): Omit<FormatDefinition<N, R>, 'options'> & { readonly options: S } {
  return definition;
}
