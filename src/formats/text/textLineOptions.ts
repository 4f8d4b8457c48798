import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { maxRecordBytesSchema } from '../framing/recordLimits.js';

/** The carriage returns that `TextLineReader` removes. */
export type CarriageReturns = 'beforeNewline' | 'all' | 'keep';

/** The encodings of lines. */
export type TextEncoding = 'utf8';

/** Options of `TextLineReader`. */
export interface TextLineReaderOptions {
  /**
   * The encoding of the lines. With `utf8`, lines are strings. A byte order mark is kept, and invalid bytes are an
   * error. Default: lines are bytes.
   */
  readonly encoding?: TextEncoding | undefined;
  /**
   * The carriage returns to remove. `beforeNewline` (default) removes a carriage return before a newline. `all` removes
   * every carriage return, like TensorFlow's `TextLineDataset`. `keep` removes none, like `PipeModeDataset`.
   */
  readonly carriageReturns?: CarriageReturns | undefined;
  /** The number of lines to skip at the start, for example 1 for a CSV header. Default: 0. */
  readonly skipLines?: number | undefined;
  /** The maximum length of a line in bytes, before carriage returns are removed. Default: 256 MiB. */
  readonly maxRecordBytes?: number | undefined;
}

/** The type of a line: a string if the option `encoding` is set, otherwise bytes. */
export type TextLine<O extends TextLineReaderOptions> = O extends { readonly encoding: TextEncoding }
  ? string
  : Uint8Array;

export const textLineOptionsSchema = lazy(() =>
  z.strictObject({
    encoding: z
      .literal('utf8')
      .optional()
      .describe('The encoding of the lines. If set, lines are decoded to text. Default: lines are bytes.'),
    carriageReturns: z
      .enum(['beforeNewline', 'all', 'keep'])
      .default('beforeNewline')
      .describe(
        'The carriage returns to remove: only before a newline ("beforeNewline"), every carriage return ("all"), or none ("keep"). Default: "beforeNewline".',
      ),
    skipLines: z
      .int()
      .nonnegative()
      .default(0)
      .describe(
        'The number of lines to skip at the start of each file, for example 1 for a header. Not allowed in Pipe mode.',
      ),
    maxRecordBytes: maxRecordBytesSchema(),
  }),
);
