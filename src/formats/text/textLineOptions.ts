import { z } from 'zod';
import { maxRecordBytesSchema } from '../framing/recordLimits.js';

/** The carriage returns that `TextLineReader` removes. */
export type CarriageReturns = 'beforeNewline' | 'all' | 'keep';

/** The encodings of lines. */
export type TextEncoding = 'utf8';

/** Options of `TextLineReader`. */
export interface TextLineReaderOptions {
  /**
   * With `utf8`, lines are strings. A byte order mark is kept, and invalid bytes are an error. Default: lines are
   * bytes.
   */
  readonly encoding?: TextEncoding | undefined;
  /**
   * `beforeNewline` (default) removes one before a newline. `all` also removes those inside a line, like
   * `TextLineDataset`. `keep` removes none.
   */
  readonly carriageReturns?: CarriageReturns | undefined;
  /** The number of lines to leave out at the start, such as a CSV header. Default: 0. */
  readonly skipLines?: number | undefined;
  /** The maximum length of a line in bytes, before carriage returns are removed. Default: 256 MiB. */
  readonly maxRecordBytes?: number | undefined;
}

/** The type of a line: a string, or bytes without `encoding`. */
export type TextLine<O extends TextLineReaderOptions> = O extends { readonly encoding: TextEncoding }
  ? string
  : Uint8Array;

export const textLineOptionsSchema = z.strictObject({
  encoding: z
    .literal('utf8')
    .optional()
    .describe('The encoding of the lines. If it is set, lines are decoded to text. Default: lines stay bytes.'),
  carriageReturns: z
    .enum(['beforeNewline', 'all', 'keep'])
    .default('beforeNewline')
    .describe(
      'The carriage returns to remove: those before a newline ("beforeNewline"), all ("all"), or none ("keep"). Default: "beforeNewline".',
    ),
  skipLines: z
    .int()
    .nonnegative()
    .default(0)
    .describe(
      'The number of lines to leave out at the start of each file, such as 1 for a header. Not allowed in Pipe mode.',
    ),
  maxRecordBytes: maxRecordBytesSchema,
});
