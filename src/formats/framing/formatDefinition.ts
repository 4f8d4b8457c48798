import type { z } from 'zod';
import type { FormatError } from '../../base/errors.js';
import type { RecordReader } from './recordReader.js';

/** Is told of a bad record and of its bytes. If it returns, the reader goes on at the next record. */
export type OnBadRecord = (error: FormatError, bytes: number) => void;

/** Makes a reader: one for each file, or for each epoch of a channel in Pipe mode. */
export type CreateReader<R> = (onBadRecord?: OnBadRecord) => RecordReader<R>;

/** A format of records. `RECORD_FORMATS` lists all of them. */
export interface FormatDefinition<N extends string = string, R = unknown> {
  /** The name that `recordFormat` has, and that errors have. */
  readonly name: N;
  /** The link to the specification. */
  readonly reference: string;
  /** The options that JSON can hold. If one is required, the name alone does not say how to read records. */
  readonly options: z.ZodObject;
  /** Prepares for options that are checked. */
  readonly readers: (options: never) => CreateReader<R>;
  /** Returns the bytes of one record. */
  readonly encode: (record: Uint8Array) => Uint8Array;
  /** Whether bad records are skipped if the user does not say. Default: no. */
  readonly skipsByDefault?: (options: never) => boolean;
  /**
   * Returns why a reader has to begin where a file begins, such as `its first line names the columns`. Returns `undefined`
   * if it may begin at any record. A channel in Pipe mode joins its files without a mark, so it refuses such a format.
   */
  readonly needsFileStart?: (options: never) => string | undefined;
}

/** Defines a format. The functions take the options as their schema returns them. */
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
